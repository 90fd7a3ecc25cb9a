using System.Globalization;
using System.Text.Json.Nodes;
using Sisa.Engine.Stores;
using Sisa.Sharding;

namespace Sisa.Bench.Studies;

/// <summary>What held-out texts cost an ensemble under a rule.</summary>
internal sealed record RuleCost(string Name, double BitsPerByte, double? Perplexity, double TokensPerSecond);

/// <summary>What a request cost.</summary>
internal sealed record RequestCost(string Request, int Items, double Visits, double Seconds);

/// <summary>One corpus, one number of shards: trained, evaluated, and made to forget.</summary>
/// <param name="corpus">The corpus.</param>
/// <param name="folder">Folder with train.jsonl and held.jsonl.</param>
/// <param name="shards">Number of shards.</param>
/// <param name="requests">What is forgotten.</param>
internal sealed class TextRun(TextCorpus corpus, string folder, int shards, IReadOnlyList<(string Name, IReadOnlyList<string> Subjects)> requests)
{
    private const int MostHeldOut = 300;

    private readonly SisaProgram _sisa = new(folder);

    /// <summary>The model, in words.</summary>
    public static string Model => "3 layers, 96 wide, 4 heads, windows of 256 bytes, products in bfloat16";

    public int Shards => shards;

    public double TrainSeconds { get; private set; }

    public double TrainVisits { get; private set; }

    public double ExpectedShare { get; private set; }

    public IReadOnlyList<RuleCost> Rules { get; private set; } = [];

    public IReadOnlyList<RuleCost> RulesAfter { get; private set; } = [];

    public List<RequestCost> Costs { get; } = [];

    public TextState? Before { get; private set; }

    public TextState? After { get; private set; }

    private string StoreName => $"store-{shards}{(Base is null ? string.Empty : "-base")}";

    private string StoreFolder => Path.Combine(folder, StoreName);

    /// <summary>Where training starts from: a folder of open weights, or <see langword="null"/> for chance.</summary>
    public string? Base { get; init; }

    /// <summary>Trains and evaluates.</summary>
    public TextRun Train()
    {
        var recipe = StoreName + ".yaml";
        File.WriteAllText(Path.Combine(folder, recipe), Recipe());
        _sisa.Run(["init", "--recipe", recipe, "--store", StoreName, .. Base is null ? Array.Empty<string>() : ["--base", Base]]);
        _sisa.Run("ingest", "train.jsonl", "--store", StoreName);
        ExpectedShare = Expect();
        var trained = _sisa.Run("train", "--store", StoreName);
        (TrainSeconds, TrainVisits) = (trained.PublishedAfter ?? trained.Seconds, trained.Json!["visits"]!.GetValue<double>());
        Rules = Evaluate();
        return this;
    }

    /// <summary>Writes the one model out, as the base of others.</summary>
    /// <returns>Its folder.</returns>
    public string Export()
    {
        _sisa.Run("export", "exported", "--store", StoreName);
        return Path.Combine(folder, "exported", "shard-000");
    }

    /// <summary>Trains everything again from scratch, without what was forgotten, and compares every byte.</summary>
    public TextRun Verify()
    {
        _sisa.Run("verify", "--store", StoreName, "--rerun");
        return this;
    }

    /// <summary>Forgets what is asked for, and measures before and after.</summary>
    public TextRun Forget()
    {
        var texts = Texts("train.jsonl");
        ShownText[] heldOut = [.. Texts("held.jsonl").Take(MostHeldOut)];
        var named = requests.SelectMany(request => request.Subjects).ToHashSet(StringComparer.Ordinal);
        ShownText[] forgotten = [.. texts.Where(text => named.Contains(text.Subject) && text.Subject != TextCorpus.CanarySubject)];
        Before = TextState.Of(StoreFolder, forgotten, heldOut);
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, subjects) in requests.Append(("the canaries", [TextCorpus.CanarySubject])))
        {
            string[] fresh = [.. subjects.Where(done.Add)];
            if (fresh.Length == 0)
            {
                continue;
            }

            var (json, seconds, published) = _sisa.Run(["forget", "--store", StoreName, "--subject", .. fresh]);
            Costs.Add(new RequestCost(name, texts.Count(text => fresh.Contains(text.Subject)), Visits(json!), published ?? seconds));
        }

        RulesAfter = Evaluate();
        After = TextState.Of(StoreFolder, forgotten, heldOut);
        return this;
    }

    private static double Visits(JsonNode forget) => forget["training"]!["visits"]!.GetValue<double>();

    private List<RuleCost> Evaluate()
    {
        var json = _sisa.Run("evaluate", "held.jsonl", "--store", StoreName, "--compare").Json!;
        return
        [
            .. json["rules"]!.AsArray().Select(rule => new RuleCost(
                rule!["aggregation"]!.GetValue<string>(),
                rule["figures"]!["bitsPerByte"]!.GetValue<double>(),
                rule["figures"]!["perplexity"]?.GetValue<double>(),
                rule["tokensPerSecond"]!.GetValue<double>())),
        ];
    }

    private List<ShownText> Texts(string file) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Select(line => JsonNode.Parse(line)!.AsObject()).Select(row => new ShownText($"{row["id"]}", $"{row["subject"]}", $"{row["text"]}"))];

    private string Recipe() => $$"""
        name: {{corpus.Name}}
        task: language-model
        corpus: { fields: { id: id, subject: subject, text: text } }
        ensemble: { shards: {{shards}}, slices: {{TextCorpus.Slices}} }
        model: { kind: decoder, {{(Base is null ? "layers: 3, width: 96, heads: 4" : "trainedOn: public")}}, context: 256 }
        training: { epochs: {{corpus.Epochs.ToString(CultureInfo.InvariantCulture)}}, batchSize: {{Math.Max(2, 16 / shards)}}, learningRate: {{(Base is null ? "3e-3" : "1.5e-3")}}, schedule: cosine, warmup: 0.05, weightDecay: 0.1, clip: 1, beta2: 0.95, precision: bfloat16, init: {{(Base is null ? "per-shard" : "shared")}} }
        aggregation: posterior-weighted
        """;

    // Token visits of the stages that a subject's erasure trains again, over those of a full training: the mean over subjects. Its own tokens are gone by then.
    private double Expect()
    {
        using var store = Store.Open(StoreFolder);
        var tokens = new Dictionary<Placement, double>();
        var subjects = new Dictionary<string, (Placement Place, double Tokens)>(StringComparer.Ordinal);
        foreach (var text in Texts("train.jsonl"))
        {
            var (shard, slice) = store.Assignment.Find(text.Subject, null);
            var place = new Placement(shard, slice!.Value);
            var count = System.Text.Encoding.UTF8.GetByteCount(text.Text) + 1.0;
            tokens[place] = tokens.GetValueOrDefault(place) + count;
            subjects[text.Subject] = (place, subjects.GetValueOrDefault(text.Subject).Tokens + count);
        }

        double Stage(ShardId shard, int stage) => tokens.Where(t => t.Key.Shard == shard && t.Key.Slice.Value <= stage).Sum(t => t.Value);
        double From(ShardId shard, int first) => Enumerable.Range(first, TextCorpus.Slices - first + 1).Sum(stage => Stage(shard, stage));
        var all = tokens.Keys.Select(place => place.Shard).Distinct().Sum(shard => From(shard, 1));
        return subjects.Values.Average(s => From(s.Place.Shard, s.Place.Slice.Value) - (s.Tokens * (TextCorpus.Slices - s.Place.Slice.Value + 1))) / all;
    }
}
