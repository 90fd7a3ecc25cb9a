using System.Diagnostics;
using System.Text;
using Sisa.Engine.Stores;
using Sisa.Storage.Slices;
using Sisa.TestKit;

namespace Sisa.Cli.Tests;

public sealed class CommandLineExactnessTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void A_store_that_forgot_lists_the_digests_of_one_that_never_knew()
    {
        _sisa.WriteCorpus();
        _sisa.Train("a");
        var authors = TestRow.Many(240, 30).Select(r => r.Author).Distinct().Take(3).ToArray();
        var items = TestRow.Many(240, 30).Where(r => !authors.Contains(r.Author)).Select(r => r.Id).Take(2).ToArray();
        var before = _sisa.Checkpoints("a");
        _sisa.Run(["forget", "--store", "a", "--subject", .. authors]).Expect(ExitCode.Done);
        _sisa.Run(["forget", "--store", "a", "--item", .. items]).Expect(ExitCode.Done);

        _sisa.Write("except.csv", "item,subject\n" + string.Concat(authors.Select(a => $",{a}\n")) + string.Concat(items.Select(i => $"{i},\n")));
        _sisa.Run("init", "--store", "b", "--recipe", "sisa.yaml", "--assignment-key", Path.Combine("a", "keys", "assignment.key")).Expect(ExitCode.Done);
        _sisa.Run("ingest", "--store", "b", "corpus.jsonl", "--except", "except.csv").Expect(ExitCode.Done);
        _sisa.Run("train", "--store", "b", "--workers", "1").Expect(ExitCode.Done);

        Assert.Equal(12, before.Count);
        Assert.Equal(_sisa.Checkpoints("b"), _sisa.Checkpoints("a"));
        Assert.NotEqual(before, _sisa.Checkpoints("a"));
    }

    [Theory]
    [InlineData("adamw", "DOTNET_EnableAVX512")]
    [InlineData("sgd", "DOTNET_EnableAVX2")]
    [InlineData("sgd", "DOTNET_EnableHWIntrinsic")]
    public void A_perceptron_has_the_same_bytes_whatever_instructions_the_processor_has(string optimizer, string without)
    {
        var rows = Enumerable.Range(0, 90).Select(i => $$"""{"id": "{{i}}", "x": [{{string.Join(',', Enumerable.Range(0, 21).Select(f => (i * 7919 + f * 104729) % 1000))}}], "label": "{{i % 3}}"}""");
        _sisa.Write("rows.jsonl", string.Join('\n', rows));
        _sisa.Write("sisa.yaml", $$"""
            corpus: { fields: { id: id, label: label } }
            labels: ["0", "1", "2"]
            features: { vector: { field: x, length: 21, min: 0, max: 1000 } }
            ensemble: { shards: 2, slices: 2 }
            model: { kind: mlp, hidden: [19, 8], activation: tanh }
            training: { epochs: 1.5, batchSize: 20, optimizer: {{optimizer}}, weightDecay: 0.01 }
            """);
        _sisa.Run("init", "--store", "a", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("init", "--store", "b", "--recipe", "sisa.yaml", "--assignment-key", Path.Combine("a", "keys", "assignment.key")).Expect(ExitCode.Done);
        foreach (var store in new[] { "a", "b" })
        {
            _sisa.Run("ingest", "--store", store, "rows.jsonl").Expect(ExitCode.Done);
            _sisa.Run("train", "--store", store).Expect(ExitCode.Done);
            _sisa.Environment[without] = "0";
        }

        Assert.Equal(4, _sisa.Checkpoints("a").Count);
        Assert.Equal(_sisa.Checkpoints("a"), _sisa.Checkpoints("b"));
    }

    [Fact]
    public void A_rerun_verifies_from_slices_and_from_source()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        var cut = TestRow.Many(240, 30)[5];
        _sisa.Run("forget", "--subject", TestRow.Many(240, 30)[0].Author).Expect(ExitCode.Done);
        _sisa.Run("forget", "--item", cut.Id, "--span", "2..7").Expect(ExitCode.Done);

        Assert.Contains("all 12 checkpoints are equal", _sisa.Run("verify", "--rerun").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        var fromSource = _sisa.Run("verify", "--rerun", "--corpus", "corpus.jsonl", "--json").Expect(ExitCode.Done).Json;
        Assert.True(fromSource["verified"]!.GetValue<bool>());
        Assert.True(fromSource["fromSource"]!.GetValue<bool>());
    }

    [Fact]
    public void A_forgotten_row_that_is_put_back_into_a_slice_is_found_out()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        var (slice, old) = FirstSlice();
        string id;
        using (var file = SliceFile.OpenUnverified(old))
        {
            id = Encoding.UTF8.GetString(file.Id(0).Span);
        }

        File.Copy(old, _sisa["kept.slice"]);
        _sisa.Run("forget", "--item", id).Expect(ExitCode.Done);
        _sisa.Run("verify", "--rerun").Expect(ExitCode.Done);

        // Whoever puts it back does it well: the whole old file, under the name and root that the manifest records for it.
        using (var store = Store.Open(_sisa["shards"]))
        {
            File.Copy(_sisa["kept.slice"], old);
            using var file = SliceFile.OpenUnverified(old);
            store.Manifest.Write(() => store.Manifest.Slices.Set(slice with { Root = file.Root }));
        }

        var result = _sisa.Run("verify", "--rerun").Expect(ExitCode.No);
        Assert.Contains(" was forgotten", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Not verified", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_that_is_killed_goes_on_where_it_was()
    {
        _sisa.WriteCorpus(epochs: "40");
        _sisa.Train("whole");
        _sisa.Run("init", "--recipe", "sisa.yaml", "--assignment-key", Path.Combine("whole", "keys", "assignment.key")).Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        using (var process = _sisa.Start("train", "--json"))
        {
            // Standard error tells of every stage that is recorded; after the second one the process is killed without warning.
            var stages = 0;
            while (stages < 2 && process.StandardError.ReadLine() is { } line)
            {
                stages += line.Contains("\"event\":\"stage\"", StringComparison.Ordinal) ? 1 : 0;
            }

            process.Kill();
            process.WaitForExit();
            Assert.Equal(2, stages);
        }

        var resumed = _sisa.Run("train", "--json").Expect(ExitCode.Done).Json;
        Assert.InRange(resumed["stages"]!.GetValue<int>(), 1, 10);
        Assert.Equal(_sisa.Checkpoints("whole"), _sisa.Checkpoints());
    }

    [Fact]
    public void Training_that_is_asked_to_stop_says_how_to_resume()
    {
        _sisa.WriteCorpus(epochs: "400");
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        using var process = _sisa.Start("train", "--json");
        string? line;
        do
        {
            line = process.StandardError.ReadLine();
        }
        while (line is not null && !line.Contains("\"event\":", StringComparison.Ordinal));

        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        var rest = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((int)ExitCode.Resumable, process.ExitCode);
        Assert.Contains("sisa: hint: Run the same command again to resume.", rest, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_is_received_while_another_process_trains()
    {
        _sisa.WriteCorpus(epochs: "100");
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        using var training = _sisa.Start("train", "--json");
        while (training.StandardError.ReadLine() is { } line && !line.Contains("\"event\":", StringComparison.Ordinal))
        {
        }

        // The workers stand still meanwhile, so that the training cannot end first, however slow this machine is.
        SignalWorkers(training, "STOP");
        var item = TestRow.Many(240, 30)[7].Id;
        var received = _sisa.Run("forget", "--item", item, "--defer", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal("fallback-published", received["request"]!["state"]!.GetValue<string>());
        SignalWorkers(training, "CONT");

        training.StandardError.ReadToEnd();
        training.WaitForExit();
        Assert.Equal(0, training.ExitCode);

        // The training that was under way has served it.
        var status = _sisa.Run("status", "--json").Expect(ExitCode.Done).Json;
        Assert.Empty(status["requests"]!.AsArray());
        Assert.Equal(1, status["requestCounts"]!["certified"]!.GetValue<int>());
        Assert.Equal(239, status["items"]!.GetValue<long>());
        _sisa.Run("verify", "--rerun").Expect(ExitCode.Done);
    }

    [Fact]
    public void A_store_that_another_process_holds_refuses_to_ingest_and_train_but_receives()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        using (Storage.Files.StoreLock.Acquire(new Storage.Files.StoreLayout(_sisa["shards"]), TimeSpan.Zero))
        {
            Assert.Contains("Another process holds", _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Resumable).Errors, StringComparison.Ordinal);
            _sisa.Run("train", "--wait", "0.3").Expect(ExitCode.Resumable);
            _sisa.Run("forget", "--item", TestRow.Many(240, 30)[7].Id, "--defer").Expect(ExitCode.Done);
            _sisa.Run("status").Expect(ExitCode.Done);
        }
    }

    public void Dispose() => _sisa.Dispose();

    private static void SignalWorkers(Process coordinator, string signal)
    {
        using var kill = Process.Start("pkill", [$"-{signal}", "-P", $"{coordinator.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private (Storage.Manifest.SliceRow Row, string Path) FirstSlice()
    {
        using var store = Store.Open(_sisa["shards"]);
        var row = store.Manifest.Slices.All().First(s => s.File is not null && s.Root.ItemCount > 1);
        return (row, store.Layout.Absolute(row.File!));
    }
}
