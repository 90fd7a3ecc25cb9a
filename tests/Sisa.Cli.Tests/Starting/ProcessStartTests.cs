using System.Diagnostics;
using Sisa.Cli.Tests.Serving;
using Sisa.TestKit.Messages;

namespace Sisa.Cli.Tests.Starting;

/// <summary>The program as shells, cron jobs and services start it: without standard streams, and under limits.</summary>
public sealed class ProcessStartTests(TrainedStore trained) : IClassFixture<TrainedStore>
{
    private static readonly string[] Verbs =
    [
        "status", "--help", "init --recipe sisa.yaml --store shards", "ingest nothing.jsonl", "plan", "find --text one", "find --text-file -", "forget --item none", "verify nothing.json", "certificate list",
        "keys show", "recover", "predict", "generate -", "evaluate corpus.jsonl", "export out", "audit export out", "worker -", "worker nothing.job.json",
    ];

    [Theory]
    [InlineData("<&-")]
    [InlineData("<&- >&- 2>&-")]
    public void Every_verb_ends_by_itself_without_an_input_and_without_any_stream(string closed) => AssertEnds(Verbs, closed);

    [Theory]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData("<&- >&-")]
    [InlineData("<&- 2>&-")]
    [InlineData(">&- 2>&-")]
    public void What_reads_writes_and_fails_ends_by_itself_whatever_streams_are_closed(string closed) => AssertEnds(["predict", "status", "ingest nothing.jsonl"], closed);

    [Theory]
    [InlineData("predict")]
    [InlineData("worker -")]
    [InlineData("find --text-file -")]
    public void What_reads_a_closed_input_says_so(string verb)
    {
        var (exit, errors) = Shell($"timeout 60 \"$0\" {verb} <&-");

        Assert.Equal((int)ExitCode.InputOutput, exit);
        Assert.Contains("Standard input is closed", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_for_a_closed_output_are_not_lost_in_silence()
    {
        var (exit, errors) = Shell("timeout 60 \"$0\" status --json >&-");

        Assert.Equal((int)ExitCode.InputOutput, exit);
        Assert.Contains("Standard output is closed", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_gives_the_same_without_any_stream()
    {
        using var sisa = new SisaCommand();
        sisa.WriteCorpus(rows: 40, epochs: "1");
        sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);

        Assert.Equal(0, Shell("timeout 120 \"$0\" train <&- >&- 2>&-", sisa).Exit);

        Assert.True((bool)sisa.Run("status", "--json").Json["upToDate"]!);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(200)]
    public void Under_a_low_limit_of_open_files_one_sentence_names_it(int limit)
    {
        foreach (var verb in new[] { "status", "init --recipe sisa.yaml --store other", "train", "predict", "worker -" })
        {
            var (exit, errors) = Shell($"ulimit -n {limit}; exec timeout 60 \"$0\" {verb} </dev/null");

            Assert.Equal((int)ExitCode.Unavailable, exit);
            Assert.StartsWith($"sisa: error: This process may have only {limit} files open at once", errors, StringComparison.Ordinal);
            Assert.Contains("ulimit -n", errors, StringComparison.Ordinal);
            Assert.Equal(2, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    [Fact]
    public void At_the_least_limit_a_store_is_made_trained_and_verified()
    {
        using var sisa = new SisaCommand();
        sisa.WriteCorpus(rows: 60, epochs: "1");
        foreach (var verb in new[] { "init --recipe sisa.yaml", "ingest corpus.jsonl", "train --workers 4", "forget --item item-00003 --workers 4", "verify --rerun", "export out", "audit export bundle", "evaluate corpus.jsonl", "recover" })
        {
            var (exit, errors) = Shell($"ulimit -n 256; exec timeout 300 \"$0\" {verb} </dev/null", sisa);

            Assert.True(exit == 0, $"{verb}: {errors}");
        }
    }

    [Fact]
    public void A_soft_limit_that_may_be_raised_is_no_limit() => Assert.Equal(0, Shell("ulimit -S -n 64; exec timeout 60 \"$0\" status </dev/null").Exit);

    private void AssertEnds(IEnumerable<string> verbs, string closed)
    {
        foreach (var verb in verbs)
        {
            var (exit, errors) = Shell($"timeout 120 \"$0\" {verb} {closed}");

            Assert.True(exit is 0 or 1 or 2 or 65 or 74 or 78, $"sisa {verb} {closed} ended with {exit}: {errors}");
            Assert.DoesNotContain("Unhandled", errors, StringComparison.Ordinal);
        }
    }

    private (int Exit, string Errors) Shell(string script, SisaCommand? sisa = null)
    {
        DocumentedCommands.Need("timeout");
        var start = new ProcessStartInfo("bash", ["-c", script, SisaCommand.Program])
        {
            WorkingDirectory = (sisa ?? trained.Sisa).Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        MessageWatch.Said(errors.Result);
        return (process.ExitCode, errors.Result);
    }
}
