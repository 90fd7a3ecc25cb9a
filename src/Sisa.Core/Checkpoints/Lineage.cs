using System.Buffers.Binary;
using Sisa.Sharding;

namespace Sisa.Checkpoints;

/// <summary>One slice as a checkpoint saw it.</summary>
/// <param name="Root">Merkle root over the slice's items in the order of their ids; see <see cref="Evidence.MerkleTree"/>.</param>
/// <param name="ItemCount">Number of items, also 0.</param>
public sealed record SliceRoot(Digest Root, long ItemCount)
{
    /// <summary>A slice without items.</summary>
    public static SliceRoot Empty { get; } = new(Evidence.MerkleTree.Root([]), 0);
}

/// <summary>The slices 1 … k that a checkpoint saw, each named by the root of its items.</summary>
/// <remarks>Immutable. Two lineages are equal when they hold the same items in the same slices; that, the recipe digest and the
/// environment decide whether a checkpoint is still the one that training from scratch would write.</remarks>
public sealed class Lineage : IEquatable<Lineage>
{
    private const int EntryBytes = Sisa.Digest.SizeBytes + sizeof(long);

    private readonly SliceRoot[] _slices;

    /// <summary>Creates a lineage.</summary>
    /// <param name="slices">Slices in order, from the first; copied.</param>
    public Lineage(IEnumerable<SliceRoot> slices)
    {
        _slices = [.. slices];
        var bytes = new byte[_slices.Length * (EntryBytes)];
        for (var i = 0; i < _slices.Length; i++)
        {
            _slices[i].Root.CopyTo(bytes.AsSpan(i * EntryBytes));
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan((i * EntryBytes) + Digest.SizeBytes), _slices[i].ItemCount);
        }

        Digest = Digest.Of(bytes);
    }

    /// <summary>Names the lineage: SHA-256 over root and item count of each slice.</summary>
    public Digest Digest { get; }

    /// <summary>The slices, from the first.</summary>
    public IReadOnlyList<SliceRoot> Slices => _slices;

    /// <summary>The stage at whose end the lineage stands.</summary>
    public SliceIndex Stage => new(_slices.Length);

    /// <summary>Items in all slices.</summary>
    public long ItemCount => _slices.Sum(s => s.ItemCount);

    /// <summary>The lineage at the end of an earlier stage.</summary>
    /// <param name="stage">At most <see cref="Stage"/>; <see cref="SliceIndex.Start"/> gives the empty lineage.</param>
    public Lineage UpTo(SliceIndex stage) => new(_slices.Take(stage.Value));

    /// <inheritdoc/>
    public bool Equals(Lineage? other) => other is not null && Digest == other.Digest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Lineage);

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();
}
