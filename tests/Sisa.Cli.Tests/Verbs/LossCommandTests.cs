using System.Text.Json.Nodes;

namespace Sisa.Cli.Tests.Verbs;

/// <summary>What the command line tells of rows that are lost.</summary>
public sealed class LossCommandTests : IDisposable
{
    private const string Recipe = """
        corpus: { format: csv, fields: { id: id, subject: user, text: text, label: y } }
        labels: [a, b]
        ensemble: { shards: 2, slices: 1 }
        features: { text: { buckets: 64, maxTokens: 8 } }
        model: { kind: text-classifier, width: 8 }
        training: { epochs: 1 }
        """;

    private readonly SisaCommand _sisa = new();

    [Fact]
    public void Rows_that_a_quotation_mark_swallows_are_told_line_by_line()
    {
        var cases = FindCase("02-skip-hides-swallowed-rows");
        _sisa.Run("init", "--recipe", Path.Combine(cases, "sisa.yaml")).Expect(ExitCode.Done);

        var refused = _sisa.Run("ingest", Path.Combine(cases, "x.csv")).Expect(ExitCode.Data);
        var ingested = _sisa.Run("ingest", Path.Combine(cases, "x.csv"), "--on-error", "skip", "--json").Expect(ExitCode.Done);

        Assert.Contains("x.csv:11: ", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("takes lines 11 to 301", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("291 of 500 lines skipped", ingested.Errors, StringComparison.Ordinal);
        Assert.Contains("(lines 11–301)", ingested.Errors, StringComparison.Ordinal);
        Assert.Equal((209, 291, 0), (Number(ingested.Json, "items"), Number(ingested.Json, "skipped"), Number(ingested.Json, "forgotten")));
        var loss = Assert.Single(ingested.Json["losses"]!.AsArray())!;
        Assert.Equal("""["quotation",1,291,[{"first":11,"last":301}]]""", new JsonArray([.. ((string[])["reason", "rows", "lines", "ranges"]).Select(name => loss[name]!.DeepClone())]).ToJsonString());
    }

    [Theory]
    [InlineData("x.csv")]
    [InlineData("x.jsonl")]
    public void UTF_16_gets_the_command_that_converts_it(string name)
    {
        var cases = FindCase("08-utf16-hint");
        _sisa.Write("sisa.yaml", Recipe.Replace("format: csv, ", string.Empty, StringComparison.Ordinal));
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);

        Assert.Contains("iconv -f UTF-16 -t UTF-8", _sisa.Run("ingest", Path.Combine(cases, name)).Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_and_verify_skip_and_tell_as_ingest_does()
    {
        _sisa.Write("sisa.yaml", Recipe);
        _sisa.Write("x.csv", "id,user,text,y\n1,u1,one,a\n2,u2,\"open,a\n3,u3,three,b\n4,u4,\"shut\" four,b\n5,u5,five,b\n6,u6,six,c\n");
        _sisa.Write("ask.csv", "id,user,text,y\n1,u1,one,a\n2,u2,\"open,a\n3,u3,three,b\n4,u4,\"shut\" four,b\n5,u5,five,b\n");
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        var ingested = _sisa.Run("ingest", "x.csv", "--on-error", "skip").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);

        Assert.Contains("4 of 6 lines skipped", ingested.Errors, StringComparison.Ordinal);
        Assert.Contains("x.csv: 1 line: a field without a usable value (line 7)", ingested.Errors, StringComparison.Ordinal);

        var verified = _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "x.csv", "--on-error", "skip", "--json").Expect(ExitCode.Done);
        Assert.Equal(4, Number(verified.Json, "skipped"));
        Assert.Contains("(lines 3–5)", verified.Errors, StringComparison.Ordinal);

        Assert.Contains("ask.csv:3: ", _sisa.Run("predict", "ask.csv").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        var answered = _sisa.Run("predict", "ask.csv", "--on-error", "skip").Expect(ExitCode.Done);
        Assert.Equal(2, answered.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("3 lines skipped", answered.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_a_folder_and_an_empty_file_are_named_as_such()
    {
        _sisa.Write("sisa.yaml", Recipe.Replace("format: csv, ", string.Empty, StringComparison.Ordinal));
        _sisa.Write("empty.csv", string.Empty);
        Directory.CreateDirectory(_sisa["folder"]);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);

        Assert.Contains("sisa: error: nofile: There is no such file.", _sisa.Run("ingest", "nofile").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        Assert.Contains("sisa: error: folder: This is a directory", _sisa.Run("ingest", "folder").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        Assert.Contains("sisa: error: empty.csv: The file is empty", _sisa.Run("ingest", "empty.csv").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _sisa.Dispose();

    private static int Number(JsonNode json, string name) => json[name]!.GetValue<int>();

    private static string FindCase(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sisa.sln")))
        {
            folder = folder.Parent;
        }

        var path = folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "data", "cases", name);
        Assert.SkipUnless(Directory.Exists(path), $"The case {name} is not beside the repository (../shared/data/cases).");
        return path!;
    }
}
