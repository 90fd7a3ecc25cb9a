using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sisa.Readers.OpenWeights;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Serving;

/// <summary>Exports of language models: as others lay them out, loaded back, and as the base of other stores.</summary>
public sealed class LanguageExportTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void An_exported_decoder_answers_as_its_store_does_and_is_laid_out_as_transformers_reads_it()
    {
        Train("public", shards: 2);
        _sisa.Run("export", "model", "--store", "public").Expect(ExitCode.Done);
        string[] question = ["generate", "red king", "--temperature", "0", "--max-tokens", "24"];

        Assert.Equal(
            _sisa.Run([.. question, "--store", "public"]).Expect(ExitCode.Done).Output,
            _sisa.Run([.. question, "--from", "model"]).Expect(ExitCode.Done).Output);
        var config = JsonNode.Parse(File.ReadAllText(_sisa["model/shard-001/config.json"]))!;
        Assert.Equal("LlamaForCausalLM", config["architectures"]![0]!.GetValue<string>());
        Assert.Equal(258, config["vocab_size"]!.GetValue<int>());
        var header = Header("model/shard-001/model.safetensors");
        Assert.Equal("pt", header["__metadata__"]!["format"]!.GetValue<string>());
        Assert.Equal([16, 16], header["model.layers.0.self_attn.q_proj.weight"]!["shape"]!.AsArray().Select(d => d!.GetValue<int>()));
        Assert.Equal([8, 16], header["model.layers.1.self_attn.v_proj.weight"]!["shape"]!.AsArray().Select(d => d!.GetValue<int>()));
        Assert.DoesNotContain(header, tensor => tensor.Key.Contains("qkv", StringComparison.Ordinal) || tensor.Key.StartsWith("optimizer", StringComparison.Ordinal));
        Assert.Contains("digest of the bundle", File.ReadAllText(_sisa["model/README.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_decoder_is_the_base_of_adapters_that_forget_exactly_and_say_that_it_cannot_be_forgotten()
    {
        TrainAdapters();
        var forgotten = _sisa.Run("forget", "--subject", "author-2", "--store", "adapted", "--request-id", "r1").Expect(ExitCode.Done);
        Assert.Contains("Certified", forgotten.Errors, StringComparison.Ordinal);
        Assert.Contains("equal, byte for byte", _sisa.Run("verify", "--rerun", "--workers", "1", "--store", "adapted").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        Assert.Contains("equal, byte for byte", _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.jsonl", "--store", "adapted").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        var certificate = _sisa.Run("certificate", "show", "r1", "--store", "adapted").Expect(ExitCode.Done).Output;
        Assert.Contains("Base, which cannot be forgotten", certificate, StringComparison.Ordinal);
        Assert.Contains("cannot be forgotten here", certificate, StringComparison.Ordinal);

        _sisa.Run("export", "handed-out", "--store", "adapted").Expect(ExitCode.Done);
        foreach (var rule in new[] { "posterior-weighted", "weight-average" })
        {
            string[] question = ["generate", "red king", "--temperature", "0", "--max-tokens", "24", "--aggregation", rule];
            Assert.Equal(
                _sisa.Run([.. question, "--store", "adapted"]).Expect(ExitCode.Done).Output,
                _sisa.Run([.. question, "--from", "handed-out"]).Expect(ExitCode.Done).Output);
        }

        var adapter = JsonNode.Parse(File.ReadAllText(_sisa["handed-out/shard-000/adapter_config.json"]))!;
        Assert.Equal("../base", adapter["base_model_name_or_path"]!.GetValue<string>());
        Assert.Contains("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", Header("handed-out/shard-000/adapter_model.safetensors").Select(t => t.Key));

        File.AppendAllText(_sisa["handed-out/base/config.json"], " ");
        Assert.Contains("was altered", _sisa.Run("generate", "red", "--from", "handed-out").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_of_an_earlier_version_whose_base_says_what_is_refused_now_answers_as_it_did()
    {
        TrainAdapters();
        _sisa.Run("export", "handed-out", "--store", "adapted").Expect(ExitCode.Done);
        string[] question = ["generate", "red king", "--temperature", "0", "--max-tokens", "24", "--from", "handed-out"];
        var answer = _sisa.Run(question).Expect(ExitCode.Done).Output;

        // Earlier versions let in a key that they did not know, overlooked a base of rotary positions, and wrote no sums.
        var config = JsonNode.Parse(File.ReadAllText(_sisa["handed-out/base/config.json"]))!.AsObject();
        config["of_its_own"] = 1;
        config.Remove("rope_theta");
        config["rope_scaling"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 500_000 };
        _sisa.Write("handed-out/base/config.json", config.ToJsonString());
        var ensemble = JsonNode.Parse(File.ReadAllText(_sisa["handed-out/ensemble.json"]))!.AsObject();
        ensemble["format"] = "sisa-ensemble-1";
        ensemble["recipe"]!["model"]!["files"]!["digest"] = OpenWeightsFolder.DigestOf(
            OpenWeightsFolder.Files(_sisa["handed-out/base"]).Select(name => (name, new Digest(SHA256.HashData(File.ReadAllBytes(_sisa[$"handed-out/base/{name}"])))))).ToString();
        _sisa.Write("handed-out/ensemble.json", ensemble.ToJsonString());
        File.Delete(_sisa["handed-out/SHA256SUMS"]);

        Assert.Equal(answer, _sisa.Run(question).Expect(ExitCode.Done).Output);
        _sisa.Run("evaluate", "corpus.jsonl", "--from", "handed-out").Expect(ExitCode.Done);
        Assert.Contains("of_its_own is 1", _sisa.Run("init", "--recipe", "adapter.yaml", "--store", "another", "--base", "handed-out/base").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_decoder_has_its_own_sizes_where_the_folder_of_its_tokenizer_has_those_of_another_model()
    {
        WriteCorpus();
        SmallBase.Write(_sisa["tokenizer"]);
        _sisa.Write("sisa.yaml", Recipe(1, "{ kind: decoder, layers: 1, width: 8, heads: 2, context: 32, tokenizer: files, tokenizerFiles: tokenizer, trainedOn: public }", "per-shard"));
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
        _sisa.Run("export", "model").Expect(ExitCode.Done);

        var config = JsonNode.Parse(File.ReadAllText(_sisa["model/shard-000/config.json"]))!;
        Assert.Equal((8, 1, 32), (config["hidden_size"]!.GetValue<int>(), config["num_hidden_layers"]!.GetValue<int>(), config["max_position_embeddings"]!.GetValue<int>()));
        _sisa.Write("adapter.yaml", Recipe(1, "{ kind: adapter, trainedOn: public, rank: 2, context: 32 }", "shared"));
        _sisa.Run("init", "--recipe", "adapter.yaml", "--base", "model/shard-000", "--store", "adapted").Expect(ExitCode.Done);
    }

    [Fact]
    public void A_decoder_that_starts_from_a_base_begins_where_the_base_ended()
    {
        Train("public", shards: 1);
        _sisa.Run("export", "model", "--store", "public").Expect(ExitCode.Done);
        _sisa.Write("tuned.yaml", Recipe(2, "{ kind: decoder, trainedOn: public, context: 32 }", "shared").Replace("learningRate: 1e-2", "learningRate: 1e-9", StringComparison.Ordinal));
        _sisa.Run("init", "--recipe", "tuned.yaml", "--base", "model/shard-000", "--store", "tuned").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl", "--store", "tuned").Expect(ExitCode.Done);
        _sisa.Run("train", "--store", "tuned", "--workers", "1").Expect(ExitCode.Done);
        double Perplexity(string store) => _sisa.Run("evaluate", "corpus.jsonl", "--store", store, "--json").Expect(ExitCode.Done).Json["ensemble"]!["perplexity"]!.GetValue<double>();

        Assert.Equal(Perplexity("public"), Perplexity("tuned"), 1e-3);
    }

    private void TrainAdapters()
    {
        Train("public", shards: 1);
        _sisa.Run("export", "model", "--store", "public").Expect(ExitCode.Done);
        Directory.Move(_sisa["model/shard-000"], _sisa["base"]);
        _sisa.Write("adapter.yaml", Recipe(2, "{ kind: adapter, base: base, trainedOn: public, rank: 2, context: 32 }", "shared"));
        _sisa.Run("init", "--recipe", "adapter.yaml", "--store", "adapted", "--assignment-key", "assignment.key").Expect(ExitCode.Done);
        Directory.Delete(_sisa["base"], recursive: true);
        _sisa.Run("ingest", "corpus.jsonl", "--store", "adapted").Expect(ExitCode.Done);
        _sisa.Run("train", "--store", "adapted", "--workers", "1").Expect(ExitCode.Done);
    }

    private void WriteCorpus()
    {
        var rows = new StringBuilder();
        string[] words = ["red", "blue", "king", "queen", "crown", "sea", "ship", "storm"];
        for (var i = 0; i < 24; i++)
        {
            rows.AppendLine(JsonSerializer.Serialize(new { id = $"text-{i}", author = $"author-{i % 6}", text = $"{words[i % 8]} {words[i * 3 % 8]} and {words[i * 5 % 8]}, said {words[i % 5]} number {i}" }));
        }

        _sisa.Write("corpus.jsonl", rows.ToString());
    }

    private void Train(string store, int shards)
    {
        WriteCorpus();
        _sisa.Write("sisa.yaml", Recipe(shards, "{ kind: decoder, layers: 2, width: 16, heads: 4, keyValueHeads: 2, context: 32 }", "per-shard"));

        // Six authors may all come to one shard of two, by a key of its own.
        _sisa.Write("assignment.key", Encoding.UTF8.GetString(SmallRecipes.Key().ToFileBytes()));
        _sisa.Train(store);
    }

    private static string Recipe(int shards, string model, string init) => $$"""
        task: language-model
        corpus: { fields: { id: id, subject: author, text: text } }
        ensemble: { shards: {{shards}}, slices: 2 }
        model: {{model}}
        training: { epochs: 6, batchSize: 4, learningRate: 1e-2, init: {{init}} }
        aggregation: posterior-weighted
        """;

    private JsonObject Header(string file)
    {
        var bytes = File.ReadAllBytes(_sisa[file]);
        return JsonNode.Parse(Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes)))!.AsObject();
    }
}
