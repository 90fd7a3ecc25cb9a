using System.Text.Json.Nodes;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class OpenWeightsFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Refused() => new()
    {
        { """{"model_type":"gpt2"}""", "model_type is 'gpt2'", "llama, mistral, qwen2" },
        { """{"model_type":null,"architectures":["BertModel"]}""", "architectures is 'BertModel'", "llama, mistral, qwen2" },
        { """{"architectures":["LlamaForSequenceClassification"]}""", "architectures is 'LlamaForSequenceClassification'", "LlamaForCausalLM" },
        { """{"hidden_act":"gelu"}""", "hidden_act is 'gelu'", "silu" },
        { """{"rope_scaling":{"rope_type":"llama3","factor":8.0}}""", "rope_scaling.rope_type is 'llama3'", "default" },
        { """{"rope_scaling":{"type":"linear","factor":2.0}}""", "rope_scaling.type is 'linear'", "default" },
        { """{"rope_scaling":{"factor":2.0}}""", "rope_scaling.factor", "allowed: 1" },
        { """{"rope_parameters":{"rope_type":"yarn"}}""", "rope_parameters.rope_type is 'yarn'", "default" },
        { """{"partial_rotary_factor":0.5}""", "partial_rotary_factor", "allowed: 1" },
        { """{"mlp_bias":true}""", "mlp_bias is true", "false" },
        { """{"attention_bias":true}""", "attention_bias is true", "qwen2" },
        { """{"quantization_config":{"bits":4}}""", "quantization_config is there", "none" },
        { """{"head_dim":3}""", "head_dim is 3", "even" },
        { """{"num_attention_heads":16,"num_key_value_heads":16}""", "head_dim is 1", "even" },
        { """{"num_attention_heads":5}""", "num_key_value_heads is 2", "a divisor of 5, the num_attention_heads" },
        { """{"hidden_size":18}""", "num_attention_heads is 4", "a divisor of 18, the hidden_size" },
        { """{"hidden_size":"16"}""", "hidden_size is \"16\"", "a whole number" },
        { """{"hidden_size":null}""", "hidden_size is missing", "a whole number" },
        { """{"num_hidden_layers":1000000}""", "num_hidden_layers is 1000000", "512" },
        { """{"vocab_size":3}""", "the token", "vocab_size" },
        { """{"max_position_embeddings":100}""", "model.context is 128", "up to 100" },
        { """{"model_type":"mistral","architectures":["MistralForCausalLM"],"sliding_window":64}""", "model.context is 128", "up to 64, the model's sliding_window" },
        { """{"model_type":"qwen2","architectures":["Qwen2ForCausalLM"],"sliding_window":64,"use_sliding_window":true,"max_window_layers":1}""", "model.context is 128", "up to 64" },
        { """{"layer_types":["sliding_attention"],"sliding_window":64}""", "model.context is 128", "up to 64" },
        { """{"rms_norm_eps":"x"}""", "rms_norm_eps is \"x\"", "a number" },
        { """{"tie_word_embeddings":1}""", "tie_word_embeddings is 1", "true or false" },
        { """{"eos_token_id":[[]]}""", "eos_token_id is a list", "a whole number" },
        { """{"rope_scaling":[]}""", "rope_scaling is a list", "an object" },
        { """{"rope_scaling":{"rope_type":"default","beta_fast":32}}""", "rope_scaling.beta_fast is 32", "no key that Sisa does not know" },
        { """{"rope_scaling":{"rope_type":"default","rope_theta":500000},"rope_theta":10000}""", "rope_scaling.rope_theta is 500000", "10000, which the file says elsewhere" },
        { """{"rope_parameters":{"full_attention":{"rope_theta":1e6}}}""", "rope_parameters.full_attention is an object", "no key that Sisa does not know" },
        { """{"attention_multiplier":0.5}""", "attention_multiplier is 0.5", "allowed: 1" },
        { """{"final_logit_softcapping":30.0}""", "final_logit_softcapping is 30.0", "no key that Sisa does not know" },
        { """{"pruned_heads":{"0":[1]}}""", "pruned_heads is an object", "allowed: {}" },
        { """{"layer_types":["full_attention","chunked_attention"]}""", "layer_types is \"chunked_attention\"", "full_attention and sliding_attention" },
        { """{"auto_map":{"AutoConfig":"c.C","AutoModelForCausalLM":"modeling_x.X"}}""", "auto_map.AutoModelForCausalLM is \"modeling_x.X\"", "no code of the model's own" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_llama_gives_its_sizes_its_tokens_and_the_files_that_are_used()
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.WriteAllText(Path.Combine(folder, "README.md"), "not used");

        var found = OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: 128);

        Assert.Equal(new DecoderShape { Vocabulary = SmallBase.Vocabulary.Count + 4, Layers = 2, Width = 16, Heads = 4, KeyValueHeads = 2, HeadWidth = 4, Hidden = 24, TieEmbeddings = true }, found.Shape);
        Assert.Equal(new TokenNumbers(SmallBase.Vocabulary.Count + 4, SmallBase.Mark, SmallBase.Mark), found.Tokens);
        Assert.Equal(["config.json", "merges.txt", "model.safetensors", "tokenizer_config.json", "vocab.json"], OpenWeightsFolder.Files(folder));
    }

    [Fact]
    public void What_a_config_leaves_out_has_the_familys_defaults()
    {
        var folder = Write(
            """{"model_type":"qwen2","architectures":["Qwen2ForCausalLM"],"num_key_value_heads":null,"rms_norm_eps":null,"rope_theta":null,"tie_word_embeddings":null,"head_dim":8,"hidden_act":null,"sliding_window":64,"use_sliding_window":false,"rope_parameters":{"rope_type":"default","rope_theta":1000000.0}}""");

        var found = OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: 128);

        Assert.Equal(new DecoderShape { Vocabulary = SmallBase.Vocabulary.Count + 4, Layers = 2, Width = 16, Heads = 4, KeyValueHeads = 4, HeadWidth = 8, Hidden = 24, RopeTheta = 1_000_000, NormEpsilon = 1e-6, AttentionBias = true }, found.Shape);
        Assert.Null(found.Tokens.Begin);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_a_decoder_here_is_not_is_refused_with_what_is_allowed(string changes, string found, string allowed)
    {
        var message = Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(Write(changes), wantsWeights: true, context: 128)).Message;

        Assert.Contains(found, message, StringComparison.Ordinal);
        Assert.Contains(allowed, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rope_theta_counts_wherever_a_config_says_it()
    {
        foreach (var changes in new[] { """{"rope_theta":500000}""", """{"rope_theta":null,"rope_scaling":{"rope_type":"default","rope_theta":500000}}""", """{"rope_theta":null,"rope_parameters":{"rope_theta":500000.0}}""" })
        {
            Assert.Equal(500_000, OpenWeightsFolder.Inspect(Write(changes), wantsWeights: true, context: 128).Shape!.RopeTheta);
        }

        // Case 17: transformers 5 writes it so.
        var folder = Path.GetDirectoryName(RealDataTests.Find("cases/17-rope-theta-in-rope_scaling/config.json"))!;
        Assert.Equal(500_000, OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: 32).Shape!.RopeTheta);
    }

    [Theory]
    [InlineData("adapter_config.json", "holds adapter_config.json: an adapter; Sisa does not read it", "merge_and_unload")]
    [InlineData("quantize_config.json", "holds quantize_config.json: quantized weights", "the unquantized weights")]
    public void A_file_that_changes_what_the_weights_are_is_refused(string name, string message, string hint)
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.WriteAllText(Path.Combine(folder, name), "{}");

        var fault = Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: 128));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains(hint, fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    public void A_missing_file_is_named(string name)
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.Delete(Path.Combine(folder, name));

        Has(folder, name);
    }

    [Fact]
    public void A_missing_folder_is_named() => Has(_folder.PathOf("nowhere"), "There is no folder");

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("pytorch_model-00001-of-00002.bin")]
    [InlineData("consolidated.00.pth")]
    [InlineData("weights.pt")]
    public void Pickle_alone_is_refused_since_it_can_run_code(string name)
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.Move(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, name));

        Has(folder, "pickle, which can run any code", name);
    }

    [Fact]
    public void An_index_names_the_files_of_the_weights()
    {
        var folder = WriteIndex("""{"metadata":{"total_size":1},"weight_map":{"b":"two.safetensors","a":"one.safetensors","c":"two.safetensors"}}""");
        File.WriteAllText(Path.Combine(folder, "one.safetensors"), "1");
        Has(folder, "holds no two.safetensors");
        File.WriteAllText(Path.Combine(folder, "two.safetensors"), "2");

        Assert.Equal(["config.json", "merges.txt", "model.safetensors.index.json", "one.safetensors", "tokenizer_config.json", "two.safetensors", "vocab.json"], OpenWeightsFolder.Files(folder));
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("below/one.safetensors")]
    [InlineData("below\\\\one.safetensors")]
    [InlineData("config.json")]
    [InlineData("")]
    [InlineData("\\u0000.safetensors")]
    public void An_index_names_nothing_outside_its_folder(string name) => Has(WriteIndex($$$"""{"weight_map":{"a":"{{{name}}}"}}"""), "allowed: names of safetensors files beside the index");

    [Theory]
    [InlineData("{}", "weight_map is missing")]
    [InlineData("""{"weight_map":{}}""", "0 files")]
    [InlineData("""{"weight_map":{"a":1}}""", "weight_map.a is 1")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""", "allowed: a text")]
    [InlineData("""{"weight_map":{"a":"x","a":"y"}}""", "malformed")]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("{", "malformed")]
    public void A_malformed_index_is_refused(string index, string message) => Has(WriteIndex(index), message);

    [Fact]
    public void A_config_of_a_hundred_megabytes_is_refused_before_it_is_read()
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        using (var file = File.OpenWrite(Path.Combine(folder, "config.json")))
        {
            file.SetLength(100_000_000);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Has(folder, "has 100,000,000 bytes");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void Json_that_is_not_utf8_is_refused()
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.WriteAllBytes(Path.Combine(folder, "config.json"), [.. "{\"model_type\":\""u8, 0xE6, .. "\"}"u8]);

        Has(folder, "it is not valid UTF-8");
    }

    [Fact]
    public void Deeply_nested_json_is_refused() => Has(Write($$"""{"x":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""", raw: true), "malformed");

    [Theory]
    [InlineData("vocab.json", """{"a":0,"b":0}""", "each once")]
    [InlineData("vocab.json", """{"a":-1}""", "a is -1")]
    [InlineData("vocab.json", "{}", "holds no tokens")]
    [InlineData("vocab.json", """{"\ud800":0}""", "malformed")]
    [InlineData("merges.txt", "#version: 0.2\nh e\nx y z", "line 3")]
    [InlineData("merges.txt", "q q", "line 1")]
    [InlineData("tokenizer_config.json", """{"eos_token":7}""", "eos_token is 7")]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder":{"x":{"content":"y"}}}""", "added_tokens_decoder.x")]
    [InlineData("added_tokens.json", """{"<x>":"1"}""", "<x> is \"1\"")]
    [InlineData("tokenizer.json", "{}", "pre_tokenizer is missing")]
    [InlineData("tokenizer.json", """{"pre_tokenizer":{"type":"Whitespace"}}""", "pre_tokenizer is Whitespace")]
    [InlineData("tokenizer.json", """{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}}""", "with add_prefix_space")]
    public void A_tokenizer_that_is_malformed_or_of_another_kind_is_refused(string name, string content, string message)
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.WriteAllText(Path.Combine(folder, name), content);

        Has(folder, message);
    }

    [Fact]
    public void Tokenizer_json_alone_is_refused_with_how_to_get_the_rest()
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.Delete(Path.Combine(folder, "vocab.json"));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{}");

        Assert.Contains("model.save", Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Files(folder)).Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_that_does_not_tell_its_end_is_refused()
    {
        var folder = SmallBase.WriteByteLevel(_folder.PathOf("tokenizer"));
        File.Delete(Path.Combine(folder, "tokenizer_config.json"));

        Assert.Contains("which token ends a text", Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: false, context: 128)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("charsmap", true, 2, 256, "changes texts")]
    [InlineData("", false, 2, 256, "does not fall back")]
    [InlineData("", true, 1, 256, "a model of type 1")]
    [InlineData("", true, 2, 255, "255 of 256")]
    public void A_sentence_piece_model_whose_tokens_do_not_give_the_text_back_is_refused(string normalizer, bool fallsBack, int type, int bytes, string message)
    {
        var path = _folder.PathOf("tokenizer.model");
        SentencePieceFile.Write(path, normalizer, fallsBack, type, bytes);

        Assert.Contains(message, Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(Path.GetDirectoryName(path)!, wantsWeights: false, context: 128)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sentence_piece_model_without_a_piece_for_a_space_is_refused()
    {
        SentencePieceFile.Write(_folder.PathOf("tokenizer.model"), without: "\u2581");

        Assert.Contains("has no piece for a space", Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(Path.GetDirectoryName(_folder.PathOf("x"))!, wantsWeights: false, context: 128)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_sentence_piece_model_is_refused()
    {
        SentencePieceFile.Write(_folder.PathOf("tokenizer.model"));
        var whole = File.ReadAllBytes(_folder.PathOf("tokenizer.model"));
        foreach (var bytes in new[] { [], [0xFF, 0xFF], whole[..^5], whole[..100] })
        {
            _folder.Write("tokenizer.model", bytes);
            Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(Path.GetDirectoryName(_folder.PathOf("x"))!, wantsWeights: false, context: 128));
        }
    }

    [Fact]
    public void Equal_files_give_an_equal_recipe_wherever_they_lie_and_every_byte_of_them_counts()
    {
        var (one, two) = (SmallBase.Write(_folder.PathOf("one")), SmallBase.Write(_folder.PathOf("two")));
        var recipe = new Recipe
        {
            Task = TaskKind.LanguageModel,
            Corpus = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } },
            Model = new AdapterOptions { Base = "elsewhere/one", TrainedOn = DataOrigin.Public },
        };
        var (first, second) = (OpenWeightsFolder.Resolve(recipe, one), OpenWeightsFolder.Resolve(recipe, two));

        Assert.Equal(RecipeJson.Write(first), RecipeJson.Write(second));
        Assert.Equal((BaseFiles.FolderName, one), (((AdapterOptions)first.Model).Base, first.BaseFolder));
        OpenWeightsFolder.Check(second);
        foreach (var name in OpenWeightsFolder.Files(two))
        {
            var path = Path.Combine(two, name);
            var bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, [.. bytes, (byte)' ']);
            Assert.Contains("the recipe records", Assert.Throws<StoreException>(() => OpenWeightsFolder.Check(second)).Message, StringComparison.Ordinal);
            File.WriteAllBytes(path, bytes);
        }

        File.Delete(Path.Combine(two, "model.safetensors"));
        Assert.Contains("holds no model.safetensors", Assert.Throws<StoreException>(() => OpenWeightsFolder.Check(second)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_larger_than_what_may_be_trained_can_be_adapted_but_not_trained_whole()
    {
        var folder = Write("""{"hidden_size":8192,"num_hidden_layers":32,"intermediate_size":16384}""");
        var recipe = new Recipe { Task = TaskKind.LanguageModel, Corpus = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } } };
        var adapter = recipe with { Model = new AdapterOptions { Base = "x", TrainedOn = DataOrigin.Public, Context = 128 } };
        var decoder = recipe with { Model = new DecoderOptions { Base = "x", TrainedOn = DataOrigin.Public, Context = 128 } };

        Assert.True(((AdapterOptions)OpenWeightsFolder.Resolve(adapter, folder).Model).Shape.Parameters > 10_000_000_000);
        Assert.Contains("parameters; allowed", Assert.Throws<RecipeException>(() => OpenWeightsFolder.Resolve(decoder, folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_without_files_stays_as_it_is()
    {
        Assert.Same(Samples.Text, OpenWeightsFolder.Resolve(Samples.Text, _folder.PathOf("nowhere")));
        OpenWeightsFolder.Check(Samples.Text);
    }

    private static void Has(string folder, params string[] messages)
    {
        var message = Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: 128)).Message;
        Assert.All(messages, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private string Write(string changes, bool raw = false)
    {
        if (raw)
        {
            var deep = SmallBase.Write(_folder.PathOf("deep"));
            File.WriteAllText(Path.Combine(deep, "config.json"), changes);
            return deep;
        }

        return SmallBase.Write(_folder.PathOf("base"), config =>
        {
            foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            {
                config[key] = value?.DeepClone();
            }
        });
    }

    private string WriteIndex(string index)
    {
        var folder = SmallBase.Write(_folder.PathOf("base"));
        File.Delete(Path.Combine(folder, "model.safetensors"));
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), index);
        return folder;
    }
}
