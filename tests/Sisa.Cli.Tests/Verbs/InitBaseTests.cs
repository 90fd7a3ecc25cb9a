using System.Text.Json.Nodes;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Verbs;

/// <summary><c>sisa init</c> with the files of a base or a tokenizer.</summary>
public sealed class InitBaseTests : IDisposable
{
    private const string Recipe = """
        corpus: { fields: { id: id, text: text } }
        task: language-model
        model: { kind: adapter, base: models/smol, trainedOn: public, context: 64 }
        ensemble: { shards: 2, slices: 2 }

        """;

    private readonly SisaCommand _sisa = new();

    public InitBaseTests() => _sisa.Write("sisa.yaml", Recipe);

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void A_base_beside_the_recipe_is_copied_into_the_store()
    {
        SmallBase.Write(_sisa["models/smol"]);

        var said = _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        Directory.Delete(_sisa["models"], recursive: true);

        Assert.Contains("cannot be forgotten here", said.Errors, StringComparison.Ordinal);
        Assert.Equal(5, Directory.EnumerateFiles(_sisa["shards/base"]).Count());
        _sisa.Run("status", "--json").Expect(ExitCode.Done);
        _sisa.Run("recover").Expect(ExitCode.Done);
        Assert.Equal(5, Directory.EnumerateFiles(_sisa["shards/base"]).Count());
    }

    [Fact]
    public void A_base_that_is_named_apart_may_lie_anywhere_and_hold_links_and_gives_the_same_recipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights on Windows.");
        SmallBase.Write(_sisa["models/smol"]);
        Directory.CreateDirectory(_sisa["elsewhere/snapshot"]);
        foreach (var file in Directory.EnumerateFiles(_sisa["models/smol"]))
        {
            File.CreateSymbolicLink(_sisa[$"elsewhere/snapshot/{Path.GetFileName(file)}"], file);
        }

        _sisa.Run("init", "--recipe", "sisa.yaml", "--store", "one").Expect(ExitCode.Done);
        var key = _sisa["one/keys/assignment.key"];
        _sisa.Write("unnamed.yaml", Recipe.Replace("base: models/smol, ", string.Empty, StringComparison.Ordinal));
        var one = _sisa.Run("init", "--recipe", "sisa.yaml", "--store", "two", "--assignment-key", key, "--json").Expect(ExitCode.Done).Json["recipe"]!.GetValue<string>();
        var other = _sisa.Run("init", "--recipe", "unnamed.yaml", "--store", "three", "--assignment-key", key, "--base", "elsewhere/snapshot", "--json").Expect(ExitCode.Done).Json["recipe"]!.GetValue<string>();

        Assert.Equal(one, other);
        Assert.All(Directory.EnumerateFiles(_sisa["three/base"]), path => Assert.Null(new FileInfo(path).LinkTarget));
    }

    [Fact]
    public void Files_of_weights_that_are_not_used_are_not_looked_at()
    {
        SmallBase.Write(_sisa["models/smol"]);
        _sisa.Write("models/smol/consolidated.safetensors", "another layout of the same weights");

        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);

        Assert.False(File.Exists(_sisa["shards/base/consolidated.safetensors"]));
    }

    [Fact]
    public void Weights_that_config_json_does_not_fit_are_refused_by_the_name_of_the_tensor()
    {
        SmallBase.Write(_sisa["models/smol"]);
        var config = _sisa["models/smol/config.json"];
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"intermediate_size\":24", "\"intermediate_size\":32", StringComparison.Ordinal));

        var fault = _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Data).Errors;

        Assert.Contains("'model.layers.0.mlp.gate_proj.weight' with shape [24, 16]; config.json requires [32, 16]", fault, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_sisa["shards"]));
    }

    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.bias", 16, "has a tensor 'model.layers.0.self_attn.q_proj.bias' with shape [16]")]
    [InlineData("model.layers.0.self_attn.q_norm.weight", 4, "has a tensor 'model.layers.0.self_attn.q_norm.weight'")]
    [InlineData("model.layers.2.input_layernorm.weight", 16, "has a tensor 'model.layers.2.input_layernorm.weight'")]
    [InlineData("lm_head.weight", 16, "has a tensor 'lm_head.weight' with shape [16]")]
    public void A_tensor_that_would_change_what_the_base_computes_is_refused_by_its_name(string name, int size, string message)
    {
        SmallBase.Write(_sisa["models/smol"]);
        SmallBase.WriteWeights(_sisa["models/smol/model.safetensors"], more: (name, [size]));

        Refused(ExitCode.Data, message, "belong together");
    }

    [Fact]
    public void Tensors_that_change_nothing_are_left_alone()
    {
        SmallBase.Write(_sisa["models/smol"]);
        SmallBase.WriteWeights(_sisa["models/smol/model.safetensors"], more: [("model.layers.0.self_attn.rotary_emb.inv_freq", [2]), ("lm_head.weight", [SmallBase.Vocabulary.Count + 4, 16])]);

        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
    }

    [Fact]
    public void Weights_in_the_order_of_another_package_are_refused()
    {
        SmallBase.Write(_sisa["models/smol"]);
        SmallBase.WriteWeights(_sisa["models/smol/model.safetensors"], format: "flax");

        Refused(ExitCode.Data, "has the format 'flax' in __metadata__; allowed: pt, np, mlx", "PyTorch");
    }

    [Fact]
    public void An_index_names_each_tensor_with_the_file_that_it_is_in()
    {
        SmallBase.Write(_sisa["models/smol"]);
        File.Delete(_sisa["models/smol/model.safetensors"]);
        const string Norm = "model.norm.weight";
        static bool IsInTwo(string name) => name is Norm or "model.layers.0.input_layernorm.weight";
        SmallBase.WriteWeights(_sisa["models/smol/one.safetensors"], keep: name => !IsInTwo(name));
        SmallBase.WriteWeights(_sisa["models/smol/two.safetensors"], keep: IsInTwo);
        var map = new JsonObject(Names().Select(name => KeyValuePair.Create(name, (JsonNode?)(IsInTwo(name) ? "two.safetensors" : "one.safetensors"))));
        var index = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map };
        void Write() => _sisa.Write("models/smol/model.safetensors.index.json", index.ToJsonString());

        index["of_its_own"] = 1;
        Write();
        Refused(ExitCode.Data, "of_its_own is 1", "copy of the folder");
        index.Remove("of_its_own");
        map[Norm] = "one.safetensors";
        Write();
        Refused(ExitCode.Data, "says that the tensor 'model.norm.weight' is in one.safetensors; it is in two.safetensors", "index and weights belong together");
        map.Remove(Norm);
        map["model.more.weight"] = "two.safetensors";
        Write();
        Refused(ExitCode.Data, "'model.more.weight' is in two.safetensors; no file of the folder has it", "index and weights belong together");
        map.Remove("model.more.weight");
        map["model.layers.0.mlp.up_proj.weight"] = "two.safetensors";
        Write();
        Refused(ExitCode.Data, "it is in one.safetensors", "index and weights belong together");
        map["model.layers.0.mlp.up_proj.weight"] = "one.safetensors";
        map[Norm] = "two.safetensors";
        map.Remove("model.layers.1.mlp.up_proj.weight");
        Write();
        Refused(ExitCode.Data, "'model.layers.1.mlp.up_proj.weight', which the index of the weights does not name", "index and weights belong together");
        map["model.layers.1.mlp.up_proj.weight"] = "one.safetensors";
        Write();
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "an infinite number")]
    public void Weights_that_are_no_numbers_are_refused_by_the_names_of_the_file_and_the_tensor(float value, string found)
    {
        SmallBase.Write(_sisa["models/smol"]);
        SmallBase.Damage(_sisa["models/smol"], "model.layers.1.mlp.up_proj.weight", element: 7, value);

        var fault = _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Data).Errors;

        Assert.Contains($"model.safetensors has {found} in 'model.layers.1.mlp.up_proj.weight' (element 7), expected finite numbers", fault, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_sisa["shards"]));
    }

    [Fact]
    public void A_recipe_names_no_base_through_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights on Windows.");
        SmallBase.Write(_sisa["elsewhere"]);
        Directory.CreateDirectory(_sisa["models"]);
        Directory.CreateSymbolicLink(_sisa["models/smol"], _sisa["elsewhere"]);
        Refused(ExitCode.Recipe, "is a symbolic link", "--base DIR");

        Directory.Delete(_sisa["models/smol"]);
        SmallBase.Write(_sisa["models/smol"]);
        File.Delete(_sisa["models/smol/vocab.json"]);
        File.CreateSymbolicLink(_sisa["models/smol/vocab.json"], _sisa["elsewhere/vocab.json"]);
        Refused(ExitCode.Recipe, "vocab.json is a symbolic link", "--base DIR");
    }

    [Fact]
    public void A_base_that_is_not_there_or_not_to_be_read_is_told_with_a_remedy()
    {
        Refused(ExitCode.Data, "There is no folder", "config.json");
        SmallBase.Write(_sisa["models/smol"]);
        File.Move(_sisa["models/smol/model.safetensors"], _sisa["models/smol/pytorch_model.bin"]);
        Refused(ExitCode.Data, "pickle, which can run any code", "safetensors");
        SmallBase.Write(_sisa["models/smol"], config => config["max_position_embeddings"] = 32);
        Refused(ExitCode.Data, "model.context is 64; allowed: up to 32", "Set model.context to 32 or less");
    }

    [Fact]
    public void A_model_without_files_takes_no_base() => Assert.Contains(
        "allowed with a base: decoder, adapter",
        _sisa.Run("init", "--recipe", _sisa.Write("mlp.yaml", "corpus: { fields: { text: text, label: label } }\nlabels: [a, b]"), "--base", "models").Expect(ExitCode.Recipe).Errors,
        StringComparison.Ordinal);

    [Fact]
    public void A_vocabulary_that_cannot_say_everything_is_told()
    {
        SmallBase.WriteByteLevel(_sisa["tok"], "ð");
        _sisa.Write("sisa.yaml", Recipe.Replace("kind: adapter, base: models/smol", "kind: decoder, tokenizer: files, tokenizerFiles: tok", StringComparison.Ordinal));

        var said = _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);

        Assert.Contains("no token for 1 of 256 bytes (f0)", said.Errors, StringComparison.Ordinal);
        Assert.Equal(["merges.txt", "tokenizer_config.json", "vocab.json"], Directory.EnumerateFiles(_sisa["shards/base"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private List<string> Names()
    {
        var path = _sisa["all.safetensors"];
        SmallBase.WriteWeights(path);
        var bytes = File.ReadAllBytes(path);
        return [.. JsonNode.Parse(bytes.AsSpan(8, (int)BitConverter.ToInt64(bytes)))!.AsObject().Select(entry => entry.Key).Where(name => name != "__metadata__")];
    }

    private void Refused(ExitCode code, string message, string hint)
    {
        var said = _sisa.Run("init", "--recipe", "sisa.yaml").Expect(code).Errors;
        Assert.Contains(message, said, StringComparison.Ordinal);
        Assert.Contains(hint, said, StringComparison.Ordinal);
    }
}
