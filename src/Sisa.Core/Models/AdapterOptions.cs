using System.Globalization;
using System.Text.Json.Serialization;
using Sisa.Training;

namespace Sisa.Models;

/// <summary>Low-rank updates of a frozen public base (LoRA: Hu et al. 2021), or a classification head on it. The base itself cannot be forgotten.</summary>
public sealed record AdapterOptions : SequenceModelOptions
{
    /// <summary>Rank of the updates; 0 trains only a head.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>The updates are scaled by alpha / rank.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Layers that are updated.</summary>
    public IReadOnlyList<AdapterTarget> Targets { get; init; } = [AdapterTarget.Query, AdapterTarget.Key, AdapterTarget.Value, AdapterTarget.Output];

    /// <inheritdoc/>
    [JsonIgnore]
    public override TokenizerKind TokenizerKind => TokenizerKind.Files;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsFiles => true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override DecoderShape Shape => Files?.Shape ?? throw new InvalidOperationException("The files of the base were not read yet.");

    /// <inheritdoc/>
    public override long ParameterCount(Recipe recipe)
    {
        var shape = Shape;
        long attention = shape.Heads * shape.HeadWidth, keys = shape.KeyValueHeads * shape.HeadWidth;
        var updates = Targets.Sum(target => target switch
        {
            AdapterTarget.Query or AdapterTarget.Output => shape.Width + attention,
            AdapterTarget.Key or AdapterTarget.Value => shape.Width + keys,
            _ => (long)shape.Width + shape.Hidden,
        });
        return (shape.Layers * Rank * updates) + (recipe.Task == TaskKind.Classify && recipe.Labels.Count > 0 ? Linear(shape.Width, recipe.Labels.Count) : 0);
    }

    /// <inheritdoc/>
    public override long TensorCount(Recipe recipe) => (Rank > 0 ? 2 * Targets.Count * Shape.Layers : 0) + (recipe.Task == TaskKind.Classify ? 2 : 0);

    /// <inheritdoc/>
    public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"adapter of rank {Rank} on a frozen base of {Shape.Parameters} parameters, context {Context}");
}

/// <summary>A linear layer of a decoder's block, as open-weights files name them.</summary>
public enum AdapterTarget
{
    /// <summary><c>q_proj</c>.</summary>
    Query,

    /// <summary><c>k_proj</c>.</summary>
    Key,

    /// <summary><c>v_proj</c>.</summary>
    Value,

    /// <summary><c>o_proj</c>.</summary>
    Output,

    /// <summary><c>gate_proj</c>.</summary>
    Gate,

    /// <summary><c>up_proj</c>.</summary>
    Up,

    /// <summary><c>down_proj</c>.</summary>
    Down,
}
