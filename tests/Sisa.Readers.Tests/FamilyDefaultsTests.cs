using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.TestKit;

namespace Sisa.Readers.Tests;

/// <summary>What a <c>config.json</c> that leaves keys out stands for: the defaults of LlamaConfig, MistralConfig and Qwen2Config in the Python package transformers (versions 4.41 and 5).</summary>
public sealed class FamilyDefaultsTests : IDisposable
{
    private static readonly Dictionary<string, string> Architectures = new(StringComparer.Ordinal) { ["llama"] = "LlamaForCausalLM", ["mistral"] = "MistralForCausalLM", ["qwen2"] = "Qwen2ForCausalLM" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama", 32, 32, 32)]
    [InlineData("mistral", 32, 8, 32)]
    [InlineData("qwen2", 32, 32, 32)]
    [InlineData("llama", 64, 64, 64)]
    [InlineData("mistral", 64, 8, 64)]
    [InlineData("qwen2", 64, 32, 64)]
    public void Heads_of_keys_and_values_that_are_left_out_are_the_familys_and_those_that_are_null_are_all(string family, int heads, int leftOut, int null_)
    {
        Assert.Equal(leftOut, Shape(family, heads, isNull: false).KeyValueHeads);
        Assert.Equal(null_, Shape(family, heads, isNull: true).KeyValueHeads);
    }

    [Theory]
    [InlineData("mistral", 12, "missing, which means 8")]
    [InlineData("qwen2", 16, "missing, which means 32")]
    public void A_default_that_does_not_divide_the_heads_is_refused(string family, int heads, string found) =>
        Assert.Contains(found, Assert.Throws<OpenWeightsException>(() => Shape(family, heads, isNull: false)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("llama", false)]
    [InlineData("mistral", false)]
    [InlineData("qwen2", true)]
    public void Numbers_that_are_left_out_are_the_familys(string family, bool hasBias)
    {
        var shape = Shape(family, heads: 32, isNull: false);

        Assert.Equal((2, 10_000.0, 1e-6, false, hasBias), (shape.HeadWidth, shape.RopeTheta, shape.NormEpsilon, shape.TieEmbeddings, shape.AttentionBias));
    }

    [Theory]
    [InlineData("llama", "{}", 2_048)]
    [InlineData("mistral", "{}", 4_096)]
    [InlineData("mistral", """{"sliding_window":null}""", 131_072)]
    [InlineData("mistral", """{"sliding_window":1000}""", 1_000)]
    [InlineData("qwen2", "{}", 32_768)]
    [InlineData("qwen2", """{"sliding_window":1000}""", 32_768)]
    [InlineData("qwen2", """{"use_sliding_window":true,"num_hidden_layers":29}""", 4_096)]
    [InlineData("qwen2", """{"use_sliding_window":true,"num_hidden_layers":28}""", 32_768)]
    [InlineData("qwen2", """{"use_sliding_window":true,"sliding_window":1000,"max_window_layers":1}""", 1_000)]
    [InlineData("qwen2", """{"use_sliding_window":true,"sliding_window":1000,"max_window_layers":2}""", 32_768)]
    public void A_context_may_be_as_long_as_the_family_looks_back(string family, string changes, int longest)
    {
        var folder = Write(family, 32, isNull: false, changes);

        OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: longest);
        Assert.Contains($"up to {longest},", Assert.Throws<OpenWeightsException>(() => OpenWeightsFolder.Inspect(folder, wantsWeights: true, context: longest + 1)).Message, StringComparison.Ordinal);
    }

    private DecoderShape Shape(string family, int heads, bool isNull) => OpenWeightsFolder.Inspect(Write(family, heads, isNull, "{}"), wantsWeights: true, context: 64).Shape!;

    private string Write(string family, int heads, bool isNull, string changes) => SmallBase.Write(_folder.PathOf("base"), config =>
    {
        (config["model_type"], config["hidden_size"], config["num_attention_heads"]) = (family, heads * 2, heads);
        config["architectures"]![0] = Architectures[family];
        foreach (var key in new[] { "num_key_value_heads", "rms_norm_eps", "rope_theta", "tie_word_embeddings", "max_position_embeddings", "hidden_act" })
        {
            config.Remove(key);
        }

        if (isNull)
        {
            config["num_key_value_heads"] = null;
        }

        foreach (var (key, value) in System.Text.Json.Nodes.JsonNode.Parse(changes)!.AsObject())
        {
            config[key] = value?.DeepClone();
        }
    });
}
