using Sisa.Models;

namespace Sisa.Torch.Models.Adapters;

/// <summary>The parameters of an adapter: for every updated layer of the base two thin matrices, and a head where it classifies.</summary>
/// <remarks>LoRA: Hu et al. 2021, section 4.1: W x + alpha / rank · B A x, A uniform at first, B zero, so that training begins at the base. In files for others they have the names that PEFT gives them.</remarks>
internal sealed class AdapterLayout
{
    private static readonly string[] _modules = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];

    private readonly ParameterList _parameters = new();
    private readonly Dictionary<(int Layer, AdapterTarget Target), LowRankUpdate> _updates = [];

    /// <summary>Lays the parameters out.</summary>
    /// <param name="options">Rank and targets.</param>
    /// <param name="classes">Labels of a head; 0 for a language model.</param>
    public AdapterLayout(AdapterOptions options, int classes)
    {
        var shape = options.Shape;
        for (var layer = 0; layer < shape.Layers && options.Rank > 0; layer++)
        {
            foreach (var target in options.Targets)
            {
                var name = $"{ParameterList.Numbered("model.layers", layer)}.{_modules[(int)target]}";
                var (inputs, outputs) = SizeOf(shape, target);
                PublishedRows[] Published(string part, long rows) => [new($"base_model.model.{name}.{part}.weight", rows)];
                _updates[(layer, target)] = new LowRankUpdate(
                    _parameters.Matrix(name + ".lora_A", inputs, options.Rank, published: Published("lora_A", options.Rank)),
                    _parameters.Zero(name + ".lora_B", options.Rank, outputs, Published("lora_B", outputs)));
            }
        }

        Head = classes > 0 ? _parameters.Linear("score", shape.Width, classes) : null;
    }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<ParameterSpec> Specs => _parameters.Specs;

    /// <summary>The head, or <see langword="null"/> for a language model.</summary>
    public LinearLayer? Head { get; }

    /// <summary>The update of a layer of the base, or <see langword="null"/> if it has none.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="target">Which of its products.</param>
    public LowRankUpdate? Update(int layer, AdapterTarget target) => _updates.TryGetValue((layer, target), out var update) ? update : null;

    /// <summary>Inputs and outputs of a layer of the base.</summary>
    /// <param name="shape">Sizes of the base.</param>
    /// <param name="target">Which one.</param>
    public static (long Inputs, long Outputs) SizeOf(DecoderShape shape, AdapterTarget target) => target switch
    {
        AdapterTarget.Query => (shape.Width, (long)shape.Heads * shape.HeadWidth),
        AdapterTarget.Key or AdapterTarget.Value => (shape.Width, (long)shape.KeyValueHeads * shape.HeadWidth),
        AdapterTarget.Output => ((long)shape.Heads * shape.HeadWidth, shape.Width),
        AdapterTarget.Gate or AdapterTarget.Up => (shape.Width, shape.Hidden),
        _ => (shape.Hidden, shape.Width),
    };
}

/// <summary>A low-rank update: indices of its parameters.</summary>
/// <param name="Down">Index of A [rank, inputs].</param>
/// <param name="Up">Index of B [outputs, rank].</param>
internal sealed record LowRankUpdate(int Down, int Up);
