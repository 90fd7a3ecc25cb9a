using System.Buffers.Binary;
using System.Security.Cryptography;
using Sisa.Sharding;

namespace Sisa.Checkpoints;

/// <summary>One slice as a checkpoint saw it.</summary>
/// <param name="Root">Merkle root over the slice's items in the order of their ids; see <see cref="Evidence.MerkleTree"/>.</param>
/// <param name="ItemCount">Number of items, also 0.</param>
public sealed record SliceRoot(Digest Root, long ItemCount)
{
    /// <summary>A slice without items.</summary>
    public static SliceRoot Empty => new(Evidence.MerkleTree.Root([]), 0);
}

/// <summary>The slices 1 … k that a checkpoint saw, each named by the root of its items.</summary>
/// <remarks>Immutable. Two lineages are equal when they hold the same items in the same slices; that, the recipe digest and the
/// environment decide whether a checkpoint is still the one that training from scratch would write.</remarks>
public sealed class Lineage : IEquatable<Lineage>
{
    private const int EntryBytes = Sisa.Digest.SizeBytes + sizeof(long);

    private readonly ArraySegment<SliceRoot> _slices;

    /// <summary>Creates a lineage.</summary>
    /// <param name="slices">Slices in order, from the first; copied.</param>
    public Lineage(IEnumerable<SliceRoot> slices)
    {
        _slices = slices.ToArray();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var slice in _slices)
        {
            Append(hash, slice);
        }

        Digest = Current(hash);
    }

    private Lineage(ArraySegment<SliceRoot> slices, Digest digest) => (_slices, Digest) = (slices, digest);

    /// <summary>The lineages at the end of every stage, in order: one pass over the slices, which all of them share.</summary>
    /// <param name="slices">Slices in order, from the first; copied.</param>
    public static IReadOnlyList<Lineage> OfEveryStage(IEnumerable<SliceRoot> slices)
    {
        SliceRoot[] all = [.. slices];
        var lineages = new Lineage[all.Length];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < all.Length; i++)
        {
            Append(hash, all[i]);
            lineages[i] = new Lineage(new ArraySegment<SliceRoot>(all, 0, i + 1), Current(hash));
        }

        return lineages;
    }

    /// <summary>Names the lineage: SHA-256 over root and item count of each slice.</summary>
    public Digest Digest { get; }

    /// <summary>The slices, from the first.</summary>
    public IReadOnlyList<SliceRoot> Slices => _slices;

    /// <summary>The stage at whose end the lineage stands.</summary>
    public SliceIndex Stage => new(_slices.Count);

    /// <summary>Items in all slices.</summary>
    public long ItemCount => _slices.Sum(s => s.ItemCount);

    /// <inheritdoc/>
    public bool Equals(Lineage? other) => other is not null && Digest == other.Digest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Lineage);

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();

    private static void Append(IncrementalHash hash, SliceRoot slice)
    {
        Span<byte> entry = stackalloc byte[EntryBytes];
        slice.Root.CopyTo(entry);
        BinaryPrimitives.WriteInt64BigEndian(entry[Sisa.Digest.SizeBytes..], slice.ItemCount);
        hash.AppendData(entry);
    }

    private static Digest Current(IncrementalHash hash)
    {
        Span<byte> digest = stackalloc byte[Sisa.Digest.SizeBytes];
        hash.GetCurrentHash(digest);
        return new Digest(digest);
    }
}
