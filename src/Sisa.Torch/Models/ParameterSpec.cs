namespace Sisa.Torch.Models;

/// <summary>One parameter of a model: its name in checkpoints, its shape, and what it is before training.</summary>
/// <param name="Name">Dotted name, unique within the model.</param>
/// <param name="Shape">Dimensions, row-major.</param>
/// <param name="Start">Initial values.</param>
/// <param name="Bound">With <see cref="ParameterStart.Uniform"/>: half the width of the interval around zero.</param>
/// <param name="Decays">Whether weight decay applies.</param>
public sealed record ParameterSpec(string Name, long[] Shape, ParameterStart Start, double Bound = 0, bool Decays = true)
{
    /// <summary>Names of its rows in files for others, where they differ from <see cref="Name"/>; together all of them.</summary>
    internal IReadOnlyList<PublishedRows>? Published { get; init; }

    /// <summary>Number of elements.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (count, dimension) => count * dimension);
}

/// <summary>Initial values of a parameter.</summary>
public enum ParameterStart
{
    /// <summary>Uniform around zero, from the parameter's own seeded stream.</summary>
    Uniform,

    /// <summary>All ones: gains of normalisation.</summary>
    Ones,

    /// <summary>All zeros: shifts of normalisation.</summary>
    Zeros,
}
