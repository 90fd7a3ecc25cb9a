using System.Text.Json.Nodes;

namespace Sisa.Cli.Tests;

/// <summary>A model that makes no difference between tokens; its files are a public case, and the test is skipped where they are absent.</summary>
public sealed class UniformModelTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void A_model_that_prefers_no_token_is_not_certified_to_reproduce_texts()
    {
        var folder = CaseFolder("14-extraction-of-uniform-model");
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            _sisa.Write(Path.GetFileName(file), File.ReadAllText(file));
        }

        _sisa.Run("init", "--recipe", Path.GetFileName(Directory.EnumerateFiles(folder, "*.yaml").Single())).Expect(ExitCode.Done);
        _sisa.Run("ingest", "x.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
        var told = _sisa.Run("forget", "--subject", "u1", "--request-id", "r-1").Expect(ExitCode.Done);

        var measured = Language();
        Assert.Equal(258, (double)measured["perplexity"]!["value"]!);
        Assert.Equal(3, (int)measured["extraction"]!["items"]!);
        Assert.Equal(0, (double)measured["extraction"]!["share"]!["value"]!);
        Assert.Contains("Extraction: 0.0 %", told.Output + told.Errors, StringComparison.Ordinal);
        var generated = _sisa.Run("generate", "my secret number is", "--temperature", "0", "--max-tokens", "8", "--json").Expect(ExitCode.Done);
        Assert.DoesNotContain("7919", generated.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _sisa.Dispose();

    private JsonNode Language()
    {
        var certificate = JsonNode.Parse(File.ReadAllText(_sisa["shards/certificates/r-1.dsse.json"]))!;
        return JsonNode.Parse(Convert.FromBase64String((string)certificate["payload"]!))!["predicate"]!["measurements"]!["language"]!;
    }

    private static string CaseFolder(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", "cases", name);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"The folder shared/data/cases/{name} is not beside this repository.");
        return string.Empty;
    }
}
