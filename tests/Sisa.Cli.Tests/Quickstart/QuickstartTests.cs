using System.Text.Json.Nodes;
using Sisa.Cli.Tests.Surface;

namespace Sisa.Cli.Tests.Quickstart;

public sealed class QuickstartTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    [Trait("surface", "snapshot")]
    public void A_person_is_learnt_forgotten_exactly_and_the_story_says_so()
    {
        var told = new Transcript(_sisa, "quickstart");
        var run = told.Run("quickstart");
        var report = run.Json;
        var (before, after) = (report["before"]!, report["after"]!);

        Assert.True(report["verified"]!.GetValue<bool>());
        Assert.InRange(before["heldOut"]!.GetValue<double>(), 0.85, 0.97);
        Assert.InRange(after["heldOut"]!.GetValue<double>(), 0.85, 0.97);
        Assert.True(Loss(before) * 2 < Loss(after), $"The loss on the person's texts was {Loss(before)} and is {Loss(after)}.");
        Assert.InRange(report["forgetting"]!["visits"]!.GetValue<double>() / report["forgetting"]!["fullVisits"]!.GetValue<double>(), 0.01, 0.2);
        Assert.InRange(report["seconds"]!.GetValue<double>(), 0, 300);

        var changed = report["checkpoints"]!.AsArray().Where(row => Text(row!["before"]) != Text(row["after"])).ToList();
        Assert.Equal(report["forgetting"]!["shard"]!.GetValue<int>(), Assert.Single(changed)!["shard"]!.GetValue<int>());
        Assert.All(report["checkpoints"]!.AsArray(), row => Assert.Equal(Text(row!["after"]), Text(row["scratch"])));

        // The story goes to standard error here; no control characters, and what it proposes to type works.
        Assert.DoesNotContain('\u001b', run.Errors);
        Assert.Contains("sisa status --store sisa-quickstart/store", run.Errors, StringComparison.Ordinal);
        Assert.True(_sisa.Run("status", "--store", "sisa-quickstart/store", "--json").Expect(ExitCode.Done).Json["upToDate"]!.GetValue<bool>());
        told.Require();
    }

    [Fact]
    public void A_folder_that_no_quickstart_made_is_left_alone()
    {
        Directory.CreateDirectory(_sisa["mine"]);
        _sisa.Write("mine/train.jsonl", "precious");

        var run = _sisa.Run("quickstart", "--folder", "mine").Expect(ExitCode.Usage);

        Assert.Contains("no quickstart wrote", run.Errors, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(_sisa["mine/train.jsonl"]));
        Assert.Equal(["train.jsonl"], Directory.GetFileSystemEntries(_sisa["mine"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_or_a_store_in_place_of_the_folder_is_refused()
    {
        _sisa.Write("file", "precious");

        Assert.Contains("is not a folder", _sisa.Run("quickstart", "--folder", "file").Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("--folder", _sisa.Run("quickstart", "--store", "shards").Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
    }

    private static double Loss(JsonNode quality) => quality["person"]!["constituent"]!["logLoss"]!.GetValue<double>();

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
