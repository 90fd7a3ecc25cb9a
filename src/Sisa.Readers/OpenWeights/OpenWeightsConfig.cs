using System.Text.Json.Nodes;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.OpenWeights;

/// <summary>The configuration beside exported weights, as <c>transformers</c> and PEFT write it: <c>config.json</c> of a decoder, <c>adapter_config.json</c> of an adapter.</summary>
public static class OpenWeightsConfig
{
    private static readonly string[] _modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Name of the file.</summary>
    /// <param name="model">A model that reads text token by token.</param>
    public static string FileName(SequenceModelOptions model) => model is AdapterOptions ? "adapter_config.json" : "config.json";

    /// <summary>Its content.</summary>
    /// <param name="model">The model.</param>
    /// <param name="task">The learning task.</param>
    /// <param name="basePath">Path of an adapter's base, relative to the file.</param>
    public static JsonObject Of(SequenceModelOptions model, TaskKind task, string basePath) => model is AdapterOptions adapter ? Adapter(adapter, task, basePath) : Decoder(model);

    private static JsonObject Decoder(SequenceModelOptions model)
    {
        var shape = model.Shape;
        return new JsonObject
        {
            // In the family, only Qwen2 has biases, on queries, keys and values.
            ["architectures"] = new JsonArray(shape.AttentionBias ? "Qwen2ForCausalLM" : "LlamaForCausalLM"),
            ["model_type"] = shape.AttentionBias ? "qwen2" : "llama",
            ["vocab_size"] = shape.Vocabulary,
            ["hidden_size"] = shape.Width,
            ["intermediate_size"] = shape.Hidden,
            ["num_hidden_layers"] = shape.Layers,
            ["num_attention_heads"] = shape.Heads,
            ["num_key_value_heads"] = shape.KeyValueHeads,
            ["head_dim"] = shape.HeadWidth,
            ["hidden_act"] = "silu",
            ["max_position_embeddings"] = model.Context,
            ["rms_norm_eps"] = shape.NormEpsilon,
            ["rope_theta"] = shape.RopeTheta,
            ["tie_word_embeddings"] = shape.TieEmbeddings,
            ["bos_token_id"] = model.Tokens.Begin,
            ["eos_token_id"] = model.Tokens.End,
            ["torch_dtype"] = "float32",
        };
    }

    private static JsonObject Adapter(AdapterOptions model, TaskKind task, string basePath) => new()
    {
        ["peft_type"] = "LORA",
        ["task_type"] = task == TaskKind.Classify ? "SEQ_CLS" : "CAUSAL_LM",
        ["base_model_name_or_path"] = basePath,
        ["r"] = model.Rank,
        ["lora_alpha"] = model.Alpha,
        ["lora_dropout"] = 0.0,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["target_modules"] = new JsonArray([.. model.Targets.Select(target => (JsonNode)_modules[(int)target])]),
    };
}
