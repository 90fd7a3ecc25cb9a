using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Sisa.Cli.Tests.Serving;

namespace Sisa.Cli.Tests;

/// <summary>Files from strangers, given to the program: they run nothing, lead nowhere, and take no more memory than the heap of these runs has.</summary>
public sealed class UntrustedFileTests(TrainedStore trained) : IClassFixture<TrainedStore>
{
    private const string Rows = "{\"text\": \"one two\", \"id\": \"q1\"}\n";

    /// <summary>Managed heap of a run: 160 MB, hexadecimal, as the runtime reads it.</summary>
    private const string HeapLimit = "0xA000000";

    private static readonly string[] BombRecipe =
    [
        "name: bomb", "corpus: { fields: { id: id, text: text, label: label } }", "labels: [red, green]", "features: { text: { buckets: 512 } }", "ensemble: { shards: 1, slices: 1 }",
    ];

    [Theory]
    [InlineData("bomb.jsonl.gz", "jsonl", "")]
    [InlineData("bomb.csv.gz", "csv", "id,text,label\n1,")]
    [InlineData("bomb.csv.gz", "csv", "id,text,label\n1,\"")]
    [InlineData("bomb.jsonl.gz", "jsonl", "{\"id\":\"a\",\"text\":\"")]
    public void A_line_of_half_a_gigabyte_in_a_small_gzip_file_is_refused_in_bounded_memory(string name, string format, string start)
    {
        using var sisa = Limited();
        Compress(sisa[name], start, repeated: 'a', count: 512 << 20);
        Init(sisa, format);

        Assert.Contains("longer than", sisa.Run("ingest", name).Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_billion_laughs_and_other_recipes_that_grow_are_refused_before_they_do()
    {
        using var sisa = Limited();
        var laughs = string.Concat(Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        sisa.Write("laughs.yaml", "a0: &a0 lol\n" + laughs);
        sisa.Write("deep.yaml", "labels: " + new string('[', 100_000));
        sisa.Write("long.yaml", "name: " + new string('x', 2 << 20));
        sisa.Write("many.yaml", "labels: [" + string.Concat(Enumerable.Repeat("a,", 400_000)) + "]");

        Assert.Contains("anchors", sisa.Run("init", "--recipe", "laughs.yaml").Expect(ExitCode.Recipe).Errors, StringComparison.Ordinal);
        Assert.Contains("deeper", sisa.Run("init", "--recipe", "deep.yaml").Expect(ExitCode.Recipe).Errors, StringComparison.Ordinal);
        Assert.Contains("longer", sisa.Run("init", "--recipe", "long.yaml").Expect(ExitCode.Recipe).Errors, StringComparison.Ordinal);
        Assert.Contains("more than", sisa.Run("init", "--recipe", "many.yaml").Expect(ExitCode.Recipe).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: !!System.Diagnostics.Process { StartInfo: { FileName: touch, Arguments: ran } }")]
    [InlineData("name: !<tag:yaml.org,2002:python/object/apply:os.system> [touch ran]")]
    [InlineData("!include /etc/passwd")]
    public void A_tag_in_a_recipe_makes_no_object(string recipe)
    {
        using var sisa = Limited();
        sisa.Write("sisa.yaml", recipe + "\n");

        Assert.Contains("tags", sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Recipe).Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(sisa["ran"]));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside.jsonl")]
    [InlineData("data/../../outside.jsonl")]
    [InlineData("linked/outside.jsonl")]
    [InlineData("link.jsonl")]
    public void A_recipe_names_no_file_outside_its_folder(string named)
    {
        using var sisa = Limited();
        sisa.Write("outside.jsonl", "{}\n");
        Directory.CreateDirectory(sisa["stranger/data"]);
        Directory.CreateSymbolicLink(sisa["stranger/linked"], sisa.Folder);
        File.CreateSymbolicLink(sisa["stranger/link.jsonl"], sisa["outside.jsonl"]);
        foreach (var key in named.Contains("link", StringComparison.Ordinal) ? ["evaluation: { file: '{0}' }"] : new[] { "evaluation: { file: '{0}' }", "corpus: { labels: '{0}', fields: { id: id, text: text, label: label } }" })
        {
            sisa.Write("stranger/sisa.yaml", string.Join('\n', BombRecipe.Where(line => !key.StartsWith("corpus", StringComparison.Ordinal) || !line.StartsWith("corpus", StringComparison.Ordinal))) + "\n" + key.Replace("{0}", named, StringComparison.Ordinal) + "\n");

            Assert.Matches("evaluation.file|corpus.labels", sisa.Run("init", "--recipe", "stranger/sisa.yaml").Expect(ExitCode.Recipe).Errors);
            Assert.False(Directory.Exists(sisa["shards"]));
        }
    }

    [Fact]
    public void Declared_sizes_that_a_file_does_not_have_take_no_memory()
    {
        using var sisa = Limited();
        sisa.Write("sisa.yaml", "corpus: { format: idx }\nlabels: [zero, one]\nfeatures: { pixels: { height: 2, width: 3 } }\nensemble: { shards: 1, slices: 1 }\nmodel: { kind: mlp }\n");
        File.WriteAllBytes(sisa["a-images-idx3"], [0, 0, 8, 3, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2]);
        File.WriteAllBytes(sisa["a-labels-idx1"], [0, 0, 8, 1, 0x7F, 0xFF, 0xFF, 0xFF, 0]);
        sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);

        Assert.Contains("ends", sisa.Run("ingest", "a-images-idx3").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_json_exhausts_no_stack()
    {
        using var sisa = Limited();
        Init(sisa, "jsonl");
        var deep = new string('[', 1 << 20);
        sisa.Write("deep.jsonl", "{\"id\":\"a\",\"text\":" + deep + "\n");
        sisa.Write("deep.json", "{\"payloadType\":" + deep);
        File.Copy(trained.Sisa["shards/keys/certificate.pub.pem"], sisa["key.pem"]);

        sisa.Run("ingest", "deep.jsonl").Expect(ExitCode.Data);
        sisa.Run("verify", "deep.json", "--public-key", "key.pem").Expect(ExitCode.Data);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../shards/manifest.db")]
    [InlineData("linked/model.safetensors")]
    public void An_export_names_no_weights_outside_its_folder(string named)
    {
        var folder = $"altered-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(trained.Sisa[folder]);
        Directory.CreateSymbolicLink(trained.Sisa[$"{folder}/linked"], trained.Sisa["out"]);
        Alter(folder, ensemble => ensemble["constituents"]![0]!["file"] = named);

        Assert.Contains("is outside", trained.Sisa.Answer(Rows, "predict", "--from", folder).Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recipe_of_an_export_is_held_to_what_recipes_may_say()
    {
        var folder = $"altered-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(trained.Sisa[folder]);

        Alter(folder, ensemble => ensemble["recipe"]!["features"]!["text"]!["maxTokens"] = int.MaxValue);
        trained.Sisa.Answer(Rows, "predict", "--from", folder).Expect(ExitCode.Data);

        // Evaluated is what the command line names, never what the folder does.
        trained.CopyConstituents(folder);
        Alter(folder, ensemble => ensemble["recipe"]!["evaluation"] = new JsonObject { ["file"] = "/etc/passwd" });
        Assert.Contains("No file is named", trained.Sisa.Run("evaluate", "--from", folder).Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000_000)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void Weights_whose_header_is_longer_than_their_file_are_refused(long length)
    {
        var folder = $"altered-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(trained.Sisa[folder]);
        var bytes = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(trained.Sisa[$"{folder}/w.safetensors"], bytes);
        Alter(folder, ensemble => ensemble["constituents"] = new JsonArray(new JsonObject { ["shard"] = 0, ["file"] = "w.safetensors", ["digest"] = Digest.Of(bytes).ToString(), ["items"] = 1 }));

        Assert.Contains("safetensors", trained.Sisa.Answer(Rows, "predict", "--from", folder).Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    private static SisaCommand Limited()
    {
        var sisa = new SisaCommand();
        sisa.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        return sisa;
    }

    private static void Init(SisaCommand sisa, string format)
    {
        sisa.Write("sisa.yaml", string.Join('\n', BombRecipe).Replace("corpus: {", $"corpus: {{ format: {format},", StringComparison.Ordinal) + "\n");
        sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
    }

    private void Alter(string folder, Action<JsonObject> change)
    {
        var ensemble = JsonNode.Parse(File.ReadAllText(trained.Sisa["out/ensemble.json"]))!.AsObject();
        ensemble["format"] = "sisa-ensemble-1";
        change(ensemble);
        trained.Sisa.Write($"{folder}/ensemble.json", ensemble.ToJsonString());
    }

    private static void Compress(string path, string start, char repeated, int count)
    {
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(start));
        var block = new byte[1 << 20];
        Array.Fill(block, (byte)repeated);
        for (var written = 0; written < count; written += block.Length)
        {
            gzip.Write(block);
        }
    }
}
