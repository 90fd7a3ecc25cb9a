namespace Sisa.Readers.OpenWeights;

/// <summary>Which keys of a <c>config.json</c> are known.</summary>
/// <remarks>Meanings: the configuration classes LlamaConfig, MistralConfig and Qwen2Config of the Python package transformers, versions 4 and 5.</remarks>
internal static class ModelConfigKeys
{
    private const string Model = "what the model computes";

    /// <summary>Keys of the file.</summary>
    public static KnownKeys Config { get; } = new(Model)
    {
        Used =
        [
            "model_type", "architectures", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_act", "max_position_embeddings",
            "rms_norm_eps", "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor", "tie_word_embeddings", "attention_bias", "mlp_bias", "sliding_window", "use_sliding_window", "max_window_layers",
            "layer_types", "quantization_config", "bos_token_id", "eos_token_id", "auto_map",
        ],
        Harmless =
        [
            // Where the file comes from and what wrote it.
            "_name_or_path", "name_or_path", "_commit_hash", "transformers_version", "transformers.js_config", "is_llama_config", "unsloth_version", "unsloth_fixed",

            // How weights are kept; each tensor says its own type.
            "torch_dtype", "dtype", "tie_encoder_decoder",

            // How the Python package runs the model.
            "use_cache", "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "return_dict", "output_attentions", "output_hidden_states", "torchscript", "pretraining_tp", "chunk_size_feed_forward",
            "gradient_checkpointing", "use_bfloat16", "problem_type", "id2label", "label2id", "finetuning_task", "task_specific_params", "tokenizer_class", "prefix",

            // How it was trained: initial weights, and dropout, which no answer has and no adapter here uses.
            "initializer_range", "attention_dropout", "hidden_dropout", "resid_pdrop", "embd_pdrop", "classifier_dropout",

            // Tokens that no text here holds.
            "pad_token_id", "unk_token_id", "sep_token_id", "decoder_start_token_id",

            // How texts are drawn, from transformers' older versions: here the user says so.
            "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
            "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores", "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
            "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens",

            // What only encoders have; the architecture says that this is none.
            "is_encoder_decoder", "is_decoder", "cross_attention_hidden_size", "add_cross_attention",
        ],
        Neutral = new Dictionary<string, string[]>
        {
            ["rope_interleaved"] = ["false"],
            ["no_rope_layers"] = ["[]"],
            ["attention_multiplier"] = ["1"],
            ["residual_multiplier"] = ["1"],
            ["embedding_multiplier"] = ["1"],
            ["logits_scaling"] = ["1"],
            ["use_qk_norm"] = ["false"],
            ["qk_norm"] = ["false"],
            ["qk_layernorm"] = ["false"],
            ["use_mrope"] = ["false"],
            ["pruned_heads"] = ["{}"],
        },
    };

    /// <summary>Keys of <c>rope_scaling</c> and <c>rope_parameters</c>.</summary>
    public static KnownKeys Rope { get; } = new("the rotary positions")
    {
        Used = ["rope_type", "type", "rope_theta", "factor", "partial_rotary_factor"],

        // Only a type other than the default reads it.
        Harmless = ["original_max_position_embeddings"],
    };
}
