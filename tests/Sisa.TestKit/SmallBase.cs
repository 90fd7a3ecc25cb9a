using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sisa.Checkpoints;

namespace Sisa.TestKit;

/// <summary>Directories of open weights as others publish them, small.</summary>
public static class SmallBase
{
    /// <summary>Pairs that the vocabulary merges, in the byte alphabet.</summary>
    public static IReadOnlyList<string> Merges { get; } = ["Ġ t", "h e", "Ġt he", "Ã ©", "à ¤", "i n", "in g", "ð Ł", "1 2", "12 3", "Ġ Ġ"];

    /// <summary>Number of the mark before and after a text.</summary>
    public static int Mark => Vocabulary.Count - 1;

    /// <summary>Tokens of the vocabulary with their numbers; the last is a mark.</summary>
    public static IReadOnlyDictionary<string, int> Vocabulary { get; } = Symbols().Concat(Merges.Select(merge => merge.Replace(" ", string.Empty, StringComparison.Ordinal))).Append("<|endoftext|>")
        .Select((token, number) => (token, number))
        .ToDictionary(entry => entry.token, entry => entry.number, StringComparer.Ordinal);

    /// <summary>Writes a Llama with a byte-level vocabulary.</summary>
    /// <param name="folder">Where; made if need be.</param>
    /// <param name="config">Changes <c>config.json</c>.</param>
    /// <returns>The folder.</returns>
    public static string Write(string folder, Action<JsonObject>? config = null)
    {
        Directory.CreateDirectory(folder);
        var json = Config();
        config?.Invoke(json);
        File.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString());
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), Weights(Config()));
        WriteByteLevel(folder);
        if (json["model_type"]?.ToString() == "qwen2")
        {
            WriteSettings(folder, "Qwen2Tokenizer");
        }

        return folder;
    }

    /// <summary>Puts a number into the weights that <see cref="Write"/> wrote.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tensor">Name of a tensor.</param>
    /// <param name="element">Which of its numbers.</param>
    /// <param name="value">The number.</param>
    public static void Damage(string folder, string tensor, int element, float value)
    {
        var path = Path.Combine(folder, "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        var json = SafetensorsHeader.JsonBytes(bytes.AsSpan(0, 8), bytes.Length);
        var layout = SafetensorsHeader.Parse(bytes.AsSpan(8, json), bytes.Length - 8 - json).Tensors.Single(t => t.Name == tensor);
        BitConverter.TryWriteBytes(bytes.AsSpan(8 + json + (int)layout.Offset + (sizeof(float) * element)), value);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Writes <c>vocab.json</c>, <c>merges.txt</c> and <c>tokenizer_config.json</c>.</summary>
    /// <param name="folder">Where; made if need be.</param>
    /// <param name="without">Tokens to leave out of the vocabulary, and merges with them.</param>
    /// <returns>The folder.</returns>
    public static string WriteByteLevel(string folder, params IReadOnlyList<string> without)
    {
        ArgumentNullException.ThrowIfNull(without);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(Vocabulary.Where(entry => !without.Any(token => entry.Key.Contains(token, StringComparison.Ordinal))).ToDictionary()));
        File.WriteAllText(Path.Combine(folder, "merges.txt"), "#version: 0.2\n" + string.Concat(Merges.Where(merge => !without.Any(token => merge.Contains(token, StringComparison.Ordinal))).Select(merge => merge + "\n")));
        WriteSettings(folder, "GPT2Tokenizer");
        return folder;
    }

    /// <summary>Writes <c>tokenizer_config.json</c>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="kind">The class of the tokenizer.</param>
    public static void WriteSettings(string folder, string kind) =>
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), $$$"""{"tokenizer_class":"{{{kind}}}","bos_token":"<|endoftext|>","eos_token":{"content":"<|endoftext|>"}}""");

    /// <summary>Writes weights with more tensors than the configuration asks for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What its metadata say of who wrote it.</param>
    /// <param name="keep">Which of the tensors are written.</param>
    /// <param name="more">Names and shapes of more tensors.</param>
    public static void WriteWeights(string path, string format = "pt", Func<string, bool>? keep = null, params IReadOnlyList<(string Name, long[] Shape)> more) => File.WriteAllBytes(path, Weights(Config(), format, keep, more));

    /// <summary>The content of <c>config.json</c>.</summary>
    public static JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["model_type"] = "llama",
        ["hidden_act"] = "silu",
        ["hidden_size"] = 16,
        ["intermediate_size"] = 24,
        ["num_hidden_layers"] = 2,
        ["num_attention_heads"] = 4,
        ["num_key_value_heads"] = 2,
        ["max_position_embeddings"] = 512,
        ["rms_norm_eps"] = 1e-5,
        ["rope_theta"] = 10_000.0,
        ["rope_scaling"] = null,
        ["tie_word_embeddings"] = true,
        ["vocab_size"] = Vocabulary.Count + 4,
        ["bos_token_id"] = Mark,
        ["eos_token_id"] = Mark,
        ["torch_dtype"] = "bfloat16",
    };

    // A quarter everywhere: as good as any weights for whoever trains no model on them.
    private static byte[] Weights(JsonObject config, string format = "pt", Func<string, bool>? keep = null, params IReadOnlyList<(string Name, long[] Shape)> more)
    {
        long Size(string key) => long.Parse(config[key]!.ToJsonString(), CultureInfo.InvariantCulture);
        var (width, inner, heads) = (Size("hidden_size"), Size("intermediate_size"), Size("num_attention_heads"));
        var (head, keys) = (width / heads, Size("num_key_value_heads"));
        List<(string Name, long[] Shape)> tensors = [("model.embed_tokens.weight", [Size("vocab_size"), width]), ("model.norm.weight", [width])];
        for (var layer = 0; layer < Size("num_hidden_layers"); layer++)
        {
            var name = $"model.layers.{layer}.";
            tensors.AddRange(
            [
                (name + "input_layernorm.weight", [width]), (name + "post_attention_layernorm.weight", [width]),
                (name + "self_attn.q_proj.weight", [heads * head, width]), (name + "self_attn.k_proj.weight", [keys * head, width]),
                (name + "self_attn.v_proj.weight", [keys * head, width]), (name + "self_attn.o_proj.weight", [width, heads * head]),
                (name + "mlp.gate_proj.weight", [inner, width]), (name + "mlp.up_proj.weight", [inner, width]), (name + "mlp.down_proj.weight", [width, inner]),
            ]);
        }

        var layouts = new List<TensorLayout>();
        long end = 0;
        foreach (var (name, shape) in tensors.Concat(more).Where(tensor => keep?.Invoke(tensor.Name) ?? true))
        {
            var bytes = sizeof(float) * shape.Aggregate(1L, (count, dimension) => count * dimension);
            layouts.Add(new TensorLayout(name, "F32", shape, end, bytes));
            end += bytes;
        }

        var data = new float[end / sizeof(float)];
        Array.Fill(data, 0.25f);
        return [.. new SafetensorsHeader([new("format", format)], layouts).ToBytes(), .. MemoryMarshal.AsBytes(data.AsSpan())];
    }

    // As published vocabularies have them: printable characters stand for themselves, the other bytes for those from U+0100 on.
    private static IEnumerable<string> Symbols()
    {
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            yield return new Rune(isPrintable ? value : next++).ToString();
        }
    }
}
