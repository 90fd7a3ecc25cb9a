using System.Text.Json;
using Sisa.Models;

namespace Sisa.Readers.OpenWeights;

/// <summary><c>config.json</c> of a model of the Llama family, with its meaning and defaults in the Python package transformers.</summary>
internal sealed class ModelConfig
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "config.json";

    /// <summary>Greatest base of the rotary positions' wave lengths.</summary>
    public const double MaxRopeTheta = 1e12;

    private const int MaxVocabulary = 1 << 24;
    private const double DefaultRopeTheta = 10_000;
    private const int DefaultWindow = 4_096;
    private const int DefaultWindowLayers = 28;

    // Defaults of LlamaConfig, MistralConfig and Qwen2Config: an omitted key has the family's value, and a null key has none.
    private static readonly FamilyDefaults[] Families =
    [
        new("llama", "LlamaForCausalLM", MaxContext: 2_048, KeyValueHeads: null),
        new("mistral", "MistralForCausalLM", MaxContext: 131_072, KeyValueHeads: 8),
        new("qwen2", "Qwen2ForCausalLM", MaxContext: 32_768, KeyValueHeads: 32),
    ];

    private readonly JsonMap _map;

    private ModelConfig(JsonMap map) => _map = map;

    /// <summary>Kind of model as the file names it, or <see langword="null"/>.</summary>
    public string? ModelType => _map.Text("model_type");

    /// <summary>Number of the mark before a text, or <see langword="null"/>.</summary>
    public int? Begin => Mark("bos_token_id");

    /// <summary>Number of the mark after a text, the first of several, or <see langword="null"/>.</summary>
    public int? End => Mark("eos_token_id");

    /// <summary>Whether texts of this kind of model have no mark before them, whatever number the file gives.</summary>
    public bool HasNoBegin => ModelType?.StartsWith("qwen2", StringComparison.Ordinal) == true;

    /// <summary>Reads the file.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">It is missing or malformed.</exception>
    public static ModelConfig Read(string folder) => new(FolderFile.ReadJson(folder, FileName));

    /// <summary>Sizes of the decoder.</summary>
    /// <exception cref="OpenWeightsException">It is not built as a decoder here can be.</exception>
    public DecoderShape Shape()
    {
        var family = Family();
        RefuseOtherForms(family);
        var width = _map.Integer("hidden_size", 2, 65_536);
        var heads = _map.Integer("num_attention_heads", 1, 1_024);
        var keyValueHeads = KeyValueHeads(family, heads);

        var declared = _map.OptionalInteger("head_dim", 1, 4_096);
        if (declared is null && width % heads != 0)
        {
            throw _map.Refuse("num_attention_heads", $"{heads}", $"a divisor of {width}, the hidden_size, or a head_dim");
        }

        var headWidth = declared ?? width / heads;
        return headWidth % 2 != 0 ? throw _map.Refuse("head_dim", $"{headWidth}", "an even number, because rotary positions rotate pairs") : new DecoderShape
        {
            Vocabulary = _map.Integer("vocab_size", 2, MaxVocabulary),
            Layers = Layers(),
            Width = width,
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadWidth = headWidth,
            Hidden = _map.Integer("intermediate_size", 1, 262_144),
            TieEmbeddings = _map.Truth("tie_word_embeddings", false),
            RopeTheta = RopeTheta(),
            NormEpsilon = _map.Number("rms_norm_eps", double.Epsilon, 1, 1e-6),
            AttentionBias = family.Type == "qwen2",
        };
    }

    private int KeyValueHeads(FamilyDefaults family, int heads)
    {
        var isLeftOut = !_map.Has("num_key_value_heads") && !_map.IsNull("num_key_value_heads");
        var found = isLeftOut ? family.KeyValueHeads ?? heads : _map.OptionalInteger("num_key_value_heads", 1, heads) ?? heads;
        return heads % found == 0
            ? found
            : throw _map.Refuse("num_key_value_heads", isLeftOut ? $"missing, which means {found} in a model of type {family.Type}" : $"{found}", $"a divisor of {heads}, the num_attention_heads");
    }

    // Three places, by the age of the file; transformers 5 moves the older ones into the newest.
    private double RopeTheta()
    {
        var found = new[] { _map.Map("rope_parameters"), _map.Map("rope_scaling"), _map }.OfType<JsonMap>().Where(place => place.Has("rope_theta")).ToArray();
        var values = found.Select(place => place.Number("rope_theta", 1, MaxRopeTheta, DefaultRopeTheta)).Distinct().ToArray();
        return values.Length > 1
            ? throw found[0].Refuse("rope_theta", $"{values[0]}", $"{values[1]}, which the file says elsewhere", "Ask the publisher which of them the model was trained with, and remove the other.")
            : values.FirstOrDefault(DefaultRopeTheta);
    }

    /// <summary>Refuses a file that says more than is read here, unless it is known to change nothing.</summary>
    /// <exception cref="OpenWeightsException">A key is not known, or has a value that is not.</exception>
    /// <remarks>For files from others; those that a store or an export holds were checked when they came in.</remarks>
    public void RefuseUnknown()
    {
        ModelConfigKeys.Config.RefuseOthers(_map);
        foreach (var rope in new[] { _map.Map("rope_scaling"), _map.Map("rope_parameters") }.OfType<JsonMap>())
        {
            ModelConfigKeys.Rope.RefuseOthers(rope, "Sisa does not scale rotary positions. Choose a base without scaling.");
        }

        foreach (var type in _map.List("layer_types"))
        {
            if (_map.TextOf("layer_types", type) is not ("full_attention" or "sliding_attention"))
            {
                throw _map.Refuse("layer_types", type, "full_attention and sliding_attention");
            }
        }

        if (_map.Map("auto_map") is { } code && code.Entries.FirstOrDefault(entry => entry.Key.StartsWith("AutoModel", StringComparison.Ordinal)) is { Key: { } key } own)
        {
            throw code.Refuse(key, own.Value, "no code of the model's own, because it may compute something else", "If the code of transformers computes the same, remove auto_map from a copy of the folder. If not, choose another base.");
        }
    }

    /// <summary>Refuses a context that the model was not made for.</summary>
    /// <param name="context">Tokens of a window.</param>
    /// <exception cref="OpenWeightsException">It is too long.</exception>
    public void CheckContext(int context)
    {
        var (longest, key) = (_map.OptionalInteger("max_position_embeddings", 1, int.MaxValue) ?? Family().MaxContext, "max_position_embeddings");
        if (ActiveWindow() is { } window && window < longest)
        {
            (longest, key) = (window, "sliding_window");
        }

        if (context > longest)
        {
            throw new OpenWeightsException($"{_map.Path}: the recipe's model.context is {context}; allowed: up to {longest}, the model's {key}.", $"Set model.context to {longest} or less.");
        }
    }

    // With a sliding window attention does not reach further back; within a context that fits into it, it is plain attention.
    private int? ActiveWindow()
    {
        var isActive = Family().Type switch
        {
            "mistral" => true,
            "qwen2" => _map.Truth("use_sliding_window", false) && (_map.OptionalInteger("max_window_layers", 0, int.MaxValue) ?? DefaultWindowLayers) < Layers(),
            _ => false,
        };
        isActive |= _map.List("layer_types").Any(type => type.ValueKind == JsonValueKind.String && type.ValueEquals("sliding_attention"));
        return !isActive || _map.IsNull("sliding_window") ? null : _map.OptionalInteger("sliding_window", 1, int.MaxValue) ?? DefaultWindow;
    }

    private int Layers() => _map.Integer("num_hidden_layers", 1, 512);

    private FamilyDefaults Family()
    {
        var architectures = _map.List("architectures").Select(value => _map.TextOf("architectures", value)).ToArray();
        var family = ModelType is { } type
            ? Array.Find(Families, candidate => candidate.Type == type)
            : Array.Find(Families, candidate => architectures.Contains(candidate.Architecture));
        if (family is null)
        {
            var found = ModelType is { } name ? ("model_type", Quote(name)) : ("architectures", architectures.Length == 0 ? "missing" : Quote(string.Join(", ", architectures)));
            throw _map.Refuse(found.Item1, found.Item2, $"{string.Join(", ", Families.Select(candidate => candidate.Type))}", "Adapt a model of the Llama family, such as SmolLM, Llama, Mistral or Qwen2.");
        }

        return architectures.Length > 0 && !architectures.Contains(family.Architecture)
            ? throw _map.Refuse("architectures", Quote(string.Join(", ", architectures)), $"{family.Architecture} for the model_type {family.Type}")
            : family;
    }

    private void RefuseOtherForms(FamilyDefaults family)
    {
        if (_map.Text("hidden_act") is { } activation && activation != "silu")
        {
            throw _map.Refuse("hidden_act", Quote(activation), "silu");
        }

        if (_map.Has("quantization_config"))
        {
            throw _map.Refuse("quantization_config", "there", "none", "Choose the unquantized weights, as float32, float16 or bfloat16.");
        }

        if (_map.Truth("mlp_bias", false))
        {
            throw _map.Refuse("mlp_bias", "true", "false");
        }

        // Qwen2's biases are those of queries, keys and values only; here the output would have one too.
        if (family.Type != "qwen2" && _map.Truth("attention_bias", false))
        {
            throw _map.Refuse("attention_bias", "true", "false, or a model_type of qwen2");
        }

        RefuseScaling(_map.Map("rope_scaling"));
        RefuseScaling(_map.Map("rope_parameters"));
        if (_map.Number("partial_rotary_factor", 0, 1, 1) is not 1.0)
        {
            throw _map.Refuse("partial_rotary_factor", "below 1", "1");
        }
    }

    private static void RefuseScaling(JsonMap? rope)
    {
        foreach (var key in new[] { "rope_type", "type" })
        {
            if (rope?.Text(key) is { } type && type != "default")
            {
                throw rope.Refuse(key, Quote(type), "default", "Sisa does not scale rotary positions. Choose a base without scaling.");
            }
        }

        if (rope is not null && rope.Number("partial_rotary_factor", 0, 1, 1) is not 1.0)
        {
            throw rope.Refuse("partial_rotary_factor", "below 1", "1");
        }

        // Older files scale without naming a type.
        if (rope is not null && rope.Number("factor", 0, double.MaxValue, 1) is not 1.0)
        {
            throw rope.Refuse("factor", "not 1", "1", "Sisa does not scale rotary positions. Choose a base without scaling.");
        }
    }

    private int? Mark(string key) => _map.Find(key) switch
    {
        { ValueKind: JsonValueKind.Array } => First(key),
        _ => _map.OptionalInteger(key, 0, MaxVocabulary),
    };

    private int? First(string key) => _map.List(key) switch
    {
        [] => null,
        [{ ValueKind: JsonValueKind.Number } first, ..] when first.TryGetInt32(out var number) && number is >= 0 and <= MaxVocabulary => number,
        [var first, ..] => throw _map.Refuse(key, first, $"a whole number from 0 to {MaxVocabulary}"),
    };

    private static string Quote(string text) => Formats.RowFault.Quote(text);

    /// <summary>Defaults of a family's configuration class.</summary>
    /// <param name="Type">Its <c>model_type</c>.</param>
    /// <param name="Architecture">Its class with a head for the next token.</param>
    /// <param name="MaxContext">Its <c>max_position_embeddings</c>.</param>
    /// <param name="KeyValueHeads">Heads of keys and values; <see langword="null"/> for as many as there are heads.</param>
    private sealed record FamilyDefaults(string Type, string Architecture, int MaxContext, int? KeyValueHeads);
}
