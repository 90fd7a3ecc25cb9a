using Sisa.TestKit;

namespace Sisa.Cli.Tests.Verbs;

/// <summary>What <c>ingest</c> and <c>verify</c> make of lists and of bad rows.</summary>
public sealed class CorpusVerbTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void A_store_that_left_rows_out_is_verified_from_its_corpus_with_the_same_options()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "1");
        File.AppendAllText(_sisa["corpus.jsonl"], "not json\n");
        _sisa.Write("except.csv", "\"item\"\n" + TestRow.Many(60, 30)[0].Id + "\nmisspelt\n");
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        var ingested = _sisa.Run("ingest", "corpus.jsonl", "--except", "except.csv", "--on-error", "skip", "--json").Expect(ExitCode.Done);
        Assert.Equal((1, 0), (ingested.Json["exceptUnmatched"]!.GetValue<int>(), ingested.Json["readmitUnmatched"]!.GetValue<int>()));
        Assert.Contains("1 of the items and subjects that '--except' lists matched no row", ingested.Errors, StringComparison.Ordinal);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);

        var verified = _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.jsonl", "--except", "except.csv", "--on-error", "skip").Expect(ExitCode.Done);

        Assert.Contains("from the source files", verified.Errors, StringComparison.Ordinal);
        Assert.Contains("skipped: ", verified.Errors, StringComparison.Ordinal);
        _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.jsonl", "--on-error", "skip").Expect(ExitCode.No);
        _sisa.Run("verify", "--rerun", "--except", "except.csv").Expect(ExitCode.Usage);
        _sisa.Run("verify", "--rerun", "--on-error", "fail").Expect(ExitCode.Usage);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_sisa["shards/scratch"]));
    }

    [Fact]
    public void An_interrupted_rerun_can_be_resumed_and_leaves_no_folder()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "400");
        _sisa.Train();
        Directory.CreateDirectory(_sisa["rerun"]);
        using var verify = _sisa.Start("verify", "--rerun", "--json", "--scratch", "rerun");
        while (verify.StandardError.ReadLine() is { } line && !line.Contains("\"event\":", StringComparison.Ordinal))
        {
        }

        SisaCommand.Signal(verify, "INT");

        var rest = verify.StandardError.ReadToEnd();
        verify.WaitForExit();
        Assert.True(verify.ExitCode == (int)ExitCode.Resumable, rest);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_sisa["rerun"]));
    }

    [Fact]
    public void A_store_under_another_alphabet_trains_in_any_locale()
    {
        _sisa.WriteCorpus(rows: 20, epochs: "1");
        _sisa.Environment["LC_ALL"] = "en_US.ISO-8859-1";

        _sisa.TrainHere("ストア");
    }

    public void Dispose() => _sisa.Dispose();
}
