using Sisa.Torch.Data;

namespace Sisa.Torch.Fusion;

/// <summary>The items of one step of several shards, equally many of each, shard by shard.</summary>
/// <remarks>Not thread-safe; used for one step after another.</remarks>
/// <param name="batchSize">Items of each shard.</param>
internal sealed class SideBySide(int batchSize) : ItemSource
{
    private readonly List<(ItemSource Source, ReadOnlyMemory<int> Items)> _shards = [];

    /// <summary>Removes all shards.</summary>
    public void Clear() => _shards.Clear();

    /// <summary>Adds a shard behind the others.</summary>
    /// <param name="source">Where its items are.</param>
    /// <param name="items">Their numbers there, as many as a step has.</param>
    public void Add(ItemSource source, ReadOnlyMemory<int> items) => _shards.Add((source, items));

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Features(int index) => At(index, out var place).Features(place);

    /// <inheritdoc/>
    public override int Label(int index) => At(index, out var place).Label(place);

    /// <inheritdoc/>
    public override string Describe(int index) => At(index, out var place).Describe(place);

    private ItemSource At(int index, out int place)
    {
        var (source, items) = _shards[index / batchSize];
        place = items.Span[index % batchSize];
        return source;
    }
}
