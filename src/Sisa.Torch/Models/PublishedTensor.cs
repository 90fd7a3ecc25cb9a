namespace Sisa.Torch.Models;

/// <summary>Rows of a parameter under the name that files for others have for them.</summary>
/// <param name="Name">Name in exported files and in open weights.</param>
/// <param name="Rows">How many rows of the parameter they are.</param>
internal sealed record PublishedRows(string Name, long Rows);

/// <summary>A tensor of an exported file, or of open weights: some rows of a parameter.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Shape">Its shape there.</param>
/// <param name="Parameter">Name of the parameter, as checkpoints have it.</param>
/// <param name="FirstElement">Its first element within the parameter.</param>
public sealed record PublishedTensor(string Name, IReadOnlyList<long> Shape, string Parameter, long FirstElement)
{
    /// <summary>Number of elements.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (count, dimension) => count * dimension);

    /// <summary>The tensors of some parameters, in their order; together they are all of them.</summary>
    /// <param name="specs">The parameters.</param>
    internal static IEnumerable<PublishedTensor> Of(IEnumerable<ParameterSpec> specs)
    {
        foreach (var spec in specs)
        {
            long first = 0;
            foreach (var part in spec.Published ?? [new PublishedRows(spec.Name, spec.Shape.Length > 0 ? spec.Shape[0] : 1)])
            {
                var tensor = new PublishedTensor(part.Name, [part.Rows, .. spec.Shape.Skip(1)], spec.Name, first);
                yield return tensor;
                first += tensor.Count;
            }
        }
    }
}
