using Sisa.Torch.Data;

namespace Sisa.Torch.Inference;

/// <summary>Encoded items in memory, without labels.</summary>
/// <param name="items">Encoded features, each in the layout of the recipe.</param>
internal sealed class MemoryItems(IReadOnlyList<ReadOnlyMemory<byte>> items) : ItemSource
{
    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Features(int index) => items[index].Span;

    /// <inheritdoc/>
    public override int Label(int index) => -1;

    /// <inheritdoc/>
    public override string Describe(int index) => $"number {index} of the batch";
}
