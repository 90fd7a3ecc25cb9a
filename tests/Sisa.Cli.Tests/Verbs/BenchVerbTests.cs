using System.Text.Json.Nodes;
using Sisa.Cli.Tests.Surface;

namespace Sisa.Cli.Tests.Verbs;

public sealed class BenchVerbTests : IDisposable
{
    private static readonly string[] Tiny = ["bench", "cost", "--quick", "--items", "400", "--datasets", "purchase-2", "--shards", "3", "--slices", "4", "--out", "out"];
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    [Trait("surface", "snapshot")]
    public void Counted_visits_are_those_that_training_makes_and_an_interrupted_study_goes_on()
    {
        var told = new Transcript(_sisa, "cost");
        var whole = told.Run(Tiny).Json;
        told.Require();

        var dataset = whole["datasets"]!.AsArray().Single()!;

        // Two cells, each trained once and asked to forget 1 and 8.
        Assert.Equal((6, 6), ((int)dataset["compared"]!, (int)dataset["equal"]!));
        foreach (var cell in dataset["cells"]!.AsArray())
        {
            Assert.NotNull(cell!["accuracy"]);
            Assert.All(cell["measured"]!.AsArray(), forget => Assert.Equal((double)forget!["visits"]!, (double)forget["visitsCounted"]!));
        }

        foreach (var name in new[] { "cost.json", "cost.csv", "cost.md", "speed-up.png", "speed-up.svg", "price-of-speed.png", "skewed-requests.svg", "seconds.png" })
        {
            Assert.True(new FileInfo(Path.Combine(_sisa["out"], name)).Length > 1000, name);
        }

        Assert.False(Directory.Exists(Path.Combine(_sisa["out"], "scratch")));

        // The last step is lost, and half of a line is left of it.
        var journal = Path.Combine(_sisa["out"], "cells.jsonl");
        var lines = File.ReadAllLines(journal);
        File.WriteAllText(journal, string.Join('\n', lines[..^1]) + "\n" + lines[^1][..100]);
        var again = _sisa.Run(Tiny).Expect(ExitCode.Done);
        Assert.Contains($"Resuming: {lines.Length - 2} of {lines.Length - 1} steps were finished before.", again.Errors, StringComparison.Ordinal);
        Assert.Contains("published: Purchase", again.Output, StringComparison.Ordinal);
        var resumed = JsonNode.Parse(File.ReadAllText(Path.Combine(_sisa["out"], "cost.json")))!;
        Assert.Equal(WithoutSeconds(whole), WithoutSeconds(resumed));

        var refused = _sisa.Run([.. Tiny, "--seed", "2"]).Expect(ExitCode.Data);
        Assert.Contains("seed was 1, now 2", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_is_counted_and_stays_as_it_is()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        var before = _sisa.Checkpoints();
        var result = _sisa.Run("bench", "cost", "--store", "shards", "--quick", "--shards", "1", "2", "--slices", "3", "--json").Expect(ExitCode.Done);

        var cells = result.Json["datasets"]!.AsArray().Single()!["cells"]!.AsArray();
        Assert.Equal("own-store 4 3", $"{cells[0]!["rule"]} {cells[0]!["shards"]} {cells[0]!["slices"]}");
        Assert.Contains("\"event\":\"progress\"", result.Errors, StringComparison.Ordinal);
        Assert.Contains("\"secondsLeft\":", result.Errors, StringComparison.Ordinal);
        Assert.Equal(before, _sisa.Checkpoints());
    }

    [Fact]
    public void An_interruption_says_how_to_go_on()
    {
        using var process = _sisa.Start("bench", "cost", "--quick", "--items", "400", "--out", "out");
        process.StandardInput.Close();
        while (process.StandardError.ReadLine() is { } line && !line.Contains("measure", StringComparison.Ordinal))
        {
        }

        SisaCommand.Signal(process, "TERM");
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((int)ExitCode.Resumable, process.ExitCode);
        Assert.Contains("the same command continues after them", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_verbs_do_without_the_library_of_figures()
    {
        // A reference of the program's own assembly could be loaded by any verb.
        var references = typeof(Program).Assembly.GetReferencedAssemblies().Select(reference => reference.Name);
        Assert.DoesNotContain("ScottPlot", references);
        Assert.DoesNotContain("SkiaSharp", references);
    }

    [Theory]
    [InlineData("--draws", "1")]
    [InlineData("--items", "20")]
    [InlineData("--shards", "0")]
    [InlineData("--datasets", "mnist")]
    public void What_cannot_be_studied_is_a_fault_of_the_command_line(string option, string value) => _sisa.Run("bench", "cost", option, value).Expect(ExitCode.Usage);

    private static string WithoutSeconds(JsonNode node)
    {
        if (node is JsonObject members)
        {
            foreach (var name in members.Select(member => member.Key).Where(name => name.Contains("econds", StringComparison.Ordinal)).ToArray())
            {
                members.Remove(name);
            }

            foreach (var member in members)
            {
                _ = member.Value is null ? null : WithoutSeconds(member.Value);
            }
        }

        foreach (var item in (node as JsonArray)?.OfType<JsonNode>() ?? [])
        {
            WithoutSeconds(item);
        }

        return node.ToJsonString();
    }
}
