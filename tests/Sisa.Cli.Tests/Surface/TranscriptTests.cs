using System.Globalization;
using System.Text;
using System.Text.Json;
using Sisa.Cli.Tests.Serving;
using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Cli.Tests.Surface;

/// <summary>What every verb answers with <c>--json</c>, as <c>Transcripts/</c> has it. The quickstart and <c>bench cost</c> are compared where their own tests run them.</summary>
public sealed class TranscriptTests(TrainedLanguageStore language) : IClassFixture<TrainedLanguageStore>, IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    public static TheoryData<string> Verbs() => [.. Transcript.Verbs];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_has_a_transcript_of_its_json(string verb)
    {
        var lines = Files().Where(path => Path.GetFileName(path) == Transcript.FileOf(verb)).SelectMany(File.ReadLines).ToList();

        Assert.True(lines.Count > 0, $"'sisa {verb}' has no transcript: run it in {nameof(TranscriptTests)}, then './build.sh accept'.");
        Assert.Contains(lines, line => line.StartsWith($"$ sisa {verb} ", StringComparison.Ordinal) && line.EndsWith("--json", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_transcript_is_of_a_verb() =>
        Assert.All(Files(), path => Assert.Contains(Path.GetFileName(path), Transcript.Verbs.Select(Transcript.FileOf)));

    [Fact]
    [Trait("surface", "snapshot")]
    public void The_life_of_a_small_store_is_told_as_it_was()
    {
        var told = new Transcript(_sisa, "small-store", "label");
        var rows = TestRow.Many(80, 10);
        WriteFiles(rows);
        told.Run("plan", "--items", "800", "--subjects", "100", "--recipe", "sisa.yaml", "--shards", "2", "--slices", "2", "--draws", "2", "--seconds-per-visit", "0.001");
        told.Run(ExitCode.No, "plan", "--items", "800", "--recipe", "sisa.yaml", "--shards", "1,2", "--slices", "2", "--draws", "2", "--requests-per-year", "10", "--window", "0", "--risk", "high=10%:80%", "--max-share", "30%", "--set", "training.epochs=1");
        told.Run("init", "--recipe", "sisa.yaml", "--assignment-key", "assignment.key");
        told.Run("keys", "show");
        told.Run("keys", "rotate", "log");
        told.Run(ExitCode.Data, "keys", "init");
        told.Run("ingest", "corpus.jsonl", "--on-error", "skip");
        told.Run("status");
        told.Run("train", "--workers", "1");
        told.Run("plan", "--draws", "2", "--shards", "2", "--slices", "2", "--seconds-per-visit", "0.001");
        told.Run("evaluate", "held-out.jsonl");
        told.Run("predict", "held-out.jsonl");
        told.Run("find", "--text", "says number 7 to");
        told.Run("find", "--similar", rows[3].Id);
        told.Run(ExitCode.No, "find", "--subject", "nobody");
        told.Run("find", "--subject", "author-003");
        told.Run(ExitCode.No, "find", "--subject", "AUTHOR-003");
        told.Run("export", "out");
        told.Run("forget", "--item", rows[5].Id, "nobody", "--dry-run");
        told.Run("forget", "--item", rows[5].Id, "--span", "0..3", "--dry-run");
        told.Run("forget", "--item", rows[3].Id, "--with-duplicates", "exact", "--dry-run");
        told.Run("forget", "--item", rows[5].Id, "nobody", "--request-id", "r-1", "--reason", "privacy", "--workers", "1");
        told.Run("forget", "--item", rows[5].Id, "--request-id", "r-2", "--workers", "1");
        told.Run("forget", "--file", "list.jsonl", "--defer");
        told.Run("requests", "list", "--open");
        told.Run("requests", "extend", "r-3", "--due", TimeProvider.System.GetUtcNow().AddDays(45).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), "--reason", "complexity");
        told.Run("requests", "show", "r-3");
        told.Run("status");
        told.Run("train", "--workers", "1");
        told.Run("certificate", "list");
        told.Run("certificate", "show", "r-1");
        told.Run("certificate", "show", "r-1", "--auditor");
        told.Run("certificate", "export", "r-1", "for-the-requester");
        told.Run("verify", Path.Combine("shards", "certificates", "r-1.dsse.json"));
        told.Run("verify", "--rerun", "--workers", "1");
        told.Run("verify", "--rerun", "--corpus", "corpus.jsonl", "--on-error", "skip", "--workers", "1");
        told.Run("verify", "--head", Path.Combine("shards", "evidence", "checkpoint"));
        told.Run("requests", "list", "--limit", "1");
        told.Run("requests", "show", "r-1");
        told.Run("audit", "export", "bundle");
        told.Run("verify", "--rerun", "--bundle", "bundle", "--workers", "1");
        told.Run("recover");
        told.Run("status");
        told.Require();
    }

    [Fact]
    [Trait("surface", "snapshot")]
    public void A_store_of_texts_is_told_as_it_was()
    {
        var told = new Transcript(language.Sisa, "texts", "text", "tokens", "finish");
        told.Run("evaluate", "held-out.jsonl");
        told.Run("evaluate", "held-out.jsonl", "--by-subject");
        told.Run("predict", "held-out.jsonl");
        told.Run("generate", "the violin", "--count", "2", "--max-tokens", "4", "--seed", "7");
        told.Require();
    }

    [Fact]
    [Trait("surface", "snapshot")]
    public void A_job_is_told_as_it_was()
    {
        var job = new ShardJob
        {
            Recipe = SmallRecipes.Mlp(2, 2),
            RecipeDigest = Digest.Of("any"u8),
            Shard = new ShardId(0),
            FirstStage = SliceIndex.First,
            Slices = [new SliceReference(null, SliceRoot.Empty), new SliceReference(null, SliceRoot.Empty)],
            CheckpointFolder = _sisa["checkpoints"],
        };
        _sisa.Write("job.json", JsonSerializer.Serialize(job, RecipeJson.Options));
        var told = new Transcript(_sisa, "job");
        told.Run("worker", "job.json");
        told.Run(ExitCode.InputOutput, "worker", "missing.json");
        told.Require();
    }

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Path.Combine(Snapshot.Folder, Transcript.Folder), "*", SearchOption.AllDirectories);

    private void WriteFiles(TestRow[] rows)
    {
        _sisa.Write("assignment.key", Encoding.UTF8.GetString(SmallRecipes.Key().ToFileBytes()));
        _sisa.Write("corpus.jsonl", string.Concat(rows.Select(row => row.ToJson() + "\n")) + (rows[3] with { Id = "a-copy", Author = "author-009" }).ToJson() + "\n{\"id\": \"bad\"}\n");
        _sisa.Write("held-out.jsonl", string.Concat(TestRow.Many(6, 3, from: 1000).Select(row => row.ToJson() + "\n")));
        _sisa.Write("list.jsonl", $"{{\"subject\": \"author-003\", \"request\": \"r-3\"}}\n{{\"item\": \"{rows[7].Id}\", \"request\": \"r-4\"}}\n");
        _sisa.Write("sisa.yaml", """
            name: small
            corpus: { fields: { id: id, subject: author, text: text, label: label } }
            labels: [red, green, blue]
            features: { text: { buckets: 512 } }
            ensemble: { shards: 2, slices: 2 }
            model: { kind: text-classifier, width: 8 }
            training: { epochs: 2, batchSize: 8 }

            """);
    }
}
