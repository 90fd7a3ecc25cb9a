using System.Text.Json;

namespace Sisa.Readers.OpenWeights;

/// <summary>Which keys of a <c>config.json</c> are known: every other one could change what the model computes, and is refused by name.</summary>
/// <remarks>Meanings: the configuration classes LlamaConfig, MistralConfig and Qwen2Config of the Python package transformers, versions 4 and 5.</remarks>
internal static class ModelConfigKeys
{
    /// <summary>Keys that <see cref="ModelConfig"/> reads.</summary>
    private static readonly HashSet<string> Used = new(StringComparer.Ordinal)
    {
        "model_type", "architectures", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_act", "max_position_embeddings",
        "rms_norm_eps", "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor", "tie_word_embeddings", "attention_bias", "mlp_bias", "sliding_window", "use_sliding_window", "layer_types",
        "quantization_config", "bos_token_id", "eos_token_id",
    };

    /// <summary>Keys that change nothing of what is computed here, whatever they say.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        // Where the file comes from and what wrote it.
        "_name_or_path", "name_or_path", "transformers_version", "transformers.js_config", "auto_map", "is_llama_config", "unsloth_version", "unsloth_fixed",

        // How weights are kept; each tensor says its own type.
        "torch_dtype", "dtype", "tie_encoder_decoder",

        // How the Python package runs the model.
        "use_cache", "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "return_dict", "output_attentions", "output_hidden_states", "torchscript", "pretraining_tp", "chunk_size_feed_forward",
        "gradient_checkpointing", "use_bfloat16", "problem_type", "id2label", "label2id", "finetuning_task", "task_specific_params", "tokenizer_class", "prefix", "pruned_heads",

        // How it was trained: initial weights, and dropout, which no answer has and no adapter here uses.
        "initializer_range", "attention_dropout", "hidden_dropout", "resid_pdrop", "embd_pdrop", "classifier_dropout",

        // Tokens that no text here holds.
        "pad_token_id", "unk_token_id", "sep_token_id", "decoder_start_token_id",

        // Only with a sliding window in use, which a context that fits into it never meets.
        "max_window_layers",
    };

    /// <summary>Keys of transformers' older versions that say how texts are drawn: read from other files, or asked of the user.</summary>
    private static readonly HashSet<string> Generation = new(StringComparer.Ordinal)
    {
        "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
        "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores", "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
        "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "is_encoder_decoder", "is_decoder", "cross_attention_hidden_size", "add_cross_attention",
    };

    /// <summary>Keys that would change the computation, each with the value under which it does not.</summary>
    private static readonly Dictionary<string, string> Neutral = new(StringComparer.Ordinal)
    {
        ["rope_interleaved"] = "false",
        ["no_rope_layers"] = "[]",
        ["attention_multiplier"] = "1.0",
        ["residual_multiplier"] = "1.0",
        ["embedding_multiplier"] = "1.0",
        ["logits_scaling"] = "1.0",
        ["use_qk_norm"] = "false",
        ["qk_norm"] = "false",
        ["qk_layernorm"] = "false",
        ["use_mrope"] = "false",
    };

    private static readonly HashSet<string> Rope = new(StringComparer.Ordinal) { "rope_type", "type", "rope_theta", "factor", "partial_rotary_factor", "original_max_position_embeddings" };

    /// <summary>Refuses a file with a key that is not known.</summary>
    /// <param name="map">The file.</param>
    /// <exception cref="OpenWeightsException">There is one.</exception>
    public static void RefuseUnknown(JsonMap map)
    {
        foreach (var (key, value) in map.Entries)
        {
            if (Used.Contains(key) || Harmless.Contains(key) || Generation.Contains(key) || value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (!Neutral.TryGetValue(key, out var neutral))
            {
                throw map.Refuse(key, JsonMap.Describe(value), "no key that Sisa does not know, for it may change what the model computes", "If the key changes nothing, remove it from a copy of the folder; if it does, choose another base.");
            }

            if (!IsNeutral(value, neutral))
            {
                throw map.Refuse(key, JsonMap.Describe(value), neutral);
            }
        }
    }

    /// <summary>Refuses an object about rotary positions with a key that is not known.</summary>
    /// <param name="rope">The object.</param>
    /// <exception cref="OpenWeightsException">There is one.</exception>
    public static void RefuseUnknownRope(JsonMap rope)
    {
        foreach (var (key, value) in rope.Entries.Where(entry => !Rope.Contains(entry.Key) && entry.Value.ValueKind != JsonValueKind.Null))
        {
            throw rope.Refuse(key, JsonMap.Describe(value), "no key that Sisa does not know", "Rotary positions are not scaled here: choose a base without it.");
        }
    }

    private static bool IsNeutral(JsonElement value, string neutral) =>
        value.ValueKind == JsonValueKind.Number ? neutral == "1.0" && value.GetDouble() is 1.0 : value.GetRawText().Replace(" ", string.Empty, StringComparison.Ordinal) == neutral;
}
