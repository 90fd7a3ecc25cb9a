using System.Text.Json.Nodes;

namespace Sisa.Cli.Tests.Serving;

public sealed class ExportTests(TrainedStore trained) : IClassFixture<TrainedStore>
{
    private const string Rows = "{\"text\": \"one two\", \"id\": \"q1\"}\n";

    private readonly SisaCommand _sisa = trained.Sisa;

    [Fact]
    public void A_slash_at_the_end_of_a_folder_changes_nothing()
    {
        Assert.True(File.Exists(_sisa["out/ensemble.json"]));
        var plain = _sisa.Answer(Rows, "predict", "--from", "out").Expect(ExitCode.Done).Output;

        Assert.Equal(plain, _sisa.Answer(Rows, "predict", "--from", "out/").Expect(ExitCode.Done).Output);
        Assert.Equal(plain, _sisa.Answer(Rows, "predict", "--store", "shards/").Expect(ExitCode.Done).Output);
        Assert.Equal(_sisa["out"], _sisa.Run("status", "--json").Json["exports"]![0]!["path"]!.GetValue<string>());
    }

    [Fact]
    public void A_failed_export_leaves_no_folder_and_says_why()
    {
        using var sisa = new SisaCommand();
        sisa.WriteCorpus(rows: 20, epochs: "1");
        sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        Assert.Contains("Nothing is served", sisa.Run("export", "out").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(sisa.Folder, "out*"));

        sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
        foreach (var file in Directory.EnumerateFiles(sisa["shards/checkpoints/shard-003"]))
        {
            File.AppendAllText(file, "damage");
        }

        Assert.Contains("shard-003", sisa.Run("export", "out").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(sisa.Folder, "out*"));
        Assert.Empty(sisa.Run("status", "--json").Json["exports"]!.AsArray());
    }

    [Theory]
    [InlineData("recipe", null, ExitCode.Data)]
    [InlineData("recipe", "null", ExitCode.Data)]
    [InlineData("recipe", "{\"labels\": null}", ExitCode.Data)]
    [InlineData("constituents", null, ExitCode.Data)]
    [InlineData("constituents", "null", ExitCode.Data)]
    [InlineData("constituents", "[null]", ExitCode.Data)]
    [InlineData("constituents", "[{\"shard\": 0}]", ExitCode.Data)]
    [InlineData("constituents", "[]", ExitCode.No)]
    [InlineData("format", null, ExitCode.Data)]
    public void A_damaged_description_is_an_error_of_the_folder(string member, string? value, ExitCode expected)
    {
        var folder = $"damaged-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(_sisa[folder]);
        var ensemble = JsonNode.Parse(File.ReadAllText(_sisa["out/ensemble.json"]))!.AsObject();
        ensemble["format"] = "sisa-ensemble-1";
        ensemble.Remove(member);
        if (value is not null)
        {
            ensemble[member] = JsonNode.Parse(value);
        }

        _sisa.Write($"{folder}/ensemble.json", ensemble.ToJsonString());

        _sisa.Answer(Rows, "predict", "--from", folder).Expect(expected);
    }

    [Fact]
    public void A_file_of_an_export_that_was_changed_added_or_removed_is_named_and_nothing_is_answered()
    {
        string[] files = [.. Directory.EnumerateFiles(_sisa["out"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_sisa["out"], path)).Where(name => name != "SHA256SUMS")];
        Assert.Contains("shard-000/config.json", files);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(_sisa[$"out/{file}"]);
            bytes[bytes.Length / 2] ^= 1;
            foreach (var harm in new Action<string>[] { path => File.WriteAllBytes(path, bytes), File.Delete })
            {
                var folder = CopyOfExport();
                harm(_sisa[$"{folder}/{file}"]);
                Refuses(folder, file);
            }
        }

        foreach (var (name, content) in new[] { ("shard-000/tokenizer.json", "{}"), ("base/config.json", "{}") })
        {
            var folder = CopyOfExport();
            Directory.CreateDirectory(Path.GetDirectoryName(_sisa[$"{folder}/{name}"])!);
            _sisa.Write($"{folder}/{name}", content);
            Refuses(folder, name);
        }

        var withoutSums = CopyOfExport();
        File.Delete(_sisa[$"{withoutSums}/SHA256SUMS"]);
        Refuses(withoutSums, "SHA256SUMS");

        // A licence beside the export's own files is nobody's harm.
        var licensed = CopyOfExport();
        _sisa.Write($"{licensed}/LICENSE", "yours");
        Assert.DoesNotContain("warning", _sisa.Answer(Rows, "predict", "--from", licensed).Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_of_an_earlier_version_is_answered_from_and_it_is_said_that_its_files_cannot_be_checked()
    {
        var folder = CopyOfExport();
        File.Delete(_sisa[$"{folder}/SHA256SUMS"]);
        var ensemble = JsonNode.Parse(File.ReadAllText(_sisa["out/ensemble.json"]))!.AsObject();
        ensemble["format"] = "sisa-ensemble-1";
        _sisa.Write($"{folder}/ensemble.json", ensemble.ToJsonString());

        var answer = _sisa.Answer(Rows, "predict", "--from", folder).Expect(ExitCode.Done);

        Assert.Equal(_sisa.Answer(Rows, "predict", "--from", "out").Output, answer.Output);
        Assert.Contains("An earlier version of Sisa wrote", answer.Errors, StringComparison.Ordinal);
        var weights = Directory.EnumerateFiles(_sisa[$"{folder}/shard-000"], "*.safetensors").Single();
        File.AppendAllText(weights, "damage");
        Assert.Contains($"The export {_sisa[folder]} is damaged", _sisa.Answer(Rows, "predict", "--from", folder).Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    private void Refuses(string folder, string file)
    {
        var errors = _sisa.Answer(Rows, "predict", "--from", folder).Expect(ExitCode.Data).Errors;
        Assert.Contains($"The export {_sisa[folder]} is damaged or was altered: {file}", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("recover", errors, StringComparison.Ordinal);
        _sisa.Run("evaluate", "corpus.jsonl", "--from", folder).Expect(ExitCode.Data);
    }

    private string CopyOfExport()
    {
        var folder = $"copy-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(_sisa[folder]);
        trained.CopyConstituents(folder);
        foreach (var file in Directory.EnumerateFiles(_sisa["out"]))
        {
            File.Copy(file, Path.Combine(_sisa[folder], Path.GetFileName(file)));
        }

        return folder;
    }

    [Fact]
    public void What_was_trained_on_a_card_answers_on_the_processor_when_asked_to()
    {
        var ensemble = JsonNode.Parse(File.ReadAllText(_sisa["out/ensemble.json"]))!.AsObject();
        ensemble["format"] = "sisa-ensemble-1";
        ensemble["recipe"]!["training"]!["device"] = "cuda:7";
        Directory.CreateDirectory(_sisa["card"]);
        trained.CopyConstituents("card");

        _sisa.Write("card/ensemble.json", ensemble.ToJsonString());

        Assert.Contains("--device cpu", _sisa.Answer(Rows, "predict", "--from", "card").Expect(ExitCode.Unavailable).Errors, StringComparison.Ordinal);
        Assert.Equal(
            _sisa.Answer(Rows, "predict", "--from", "out").Expect(ExitCode.Done).Output,
            _sisa.Answer(Rows, "predict", "--from", "card", "--device", "cpu").Expect(ExitCode.Done).Output);
        _sisa.Run("evaluate", "corpus.jsonl", "--from", "card", "--device", "cpu").Expect(ExitCode.Done);
        _sisa.Run("evaluate", "corpus.jsonl", "--device", "gpu").Expect(ExitCode.Usage);
    }
}
