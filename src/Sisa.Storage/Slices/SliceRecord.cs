using System.Buffers;
using System.Buffers.Binary;
using Sisa.Sharding;

namespace Sisa.Storage.Slices;

/// <summary>One item of a slice file. The spans point into the memory of their holder.</summary>
public readonly ref struct SliceRecord
{
    private const int HeadBytes = 1 + AssignmentKey.SizeBytes;

    /// <summary>Creates an empty record.</summary>
    public SliceRecord()
    {
    }

    /// <summary>UTF-8 id.</summary>
    public required ReadOnlySpan<byte> Id { get; init; }

    /// <summary>UTF-8 subject; equal to the id where the recipe maps none.</summary>
    public required ReadOnlySpan<byte> Subject { get; init; }

    /// <summary>Index of the label.</summary>
    public required int Label { get; init; }

    /// <summary>Position of the risk class in the recipe's declared classes in ordinal order, or −1.</summary>
    public int RiskClass { get; init; } = -1;

    /// <summary>Encoded features.</summary>
    public required ReadOnlySpan<byte> Features { get; init; }

    /// <summary>UTF-8 text, or nothing.</summary>
    public required ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Leaf under the slice's root: RFC 6962, over the secret leaf key and everything that the record holds.</summary>
    /// <remarks>SHA-256(0x00 ‖ key ‖ label ‖ each part behind its length). The key in front keeps a guess at a record from being checked
    /// against a root; the leaf itself is never published.</remarks>
    /// <param name="leafKey"><see cref="Sharding.AssignmentKey.LeafBytes"/>.</param>
    public Digest Leaf(ReadOnlySpan<byte> leafKey)
    {
        // Every part behind its length, so that no two records give the same bytes.
        var length = HeadBytes + 20 + Id.Length + Subject.Length + Features.Length + Text.Length;
        byte[]? rented = null;
        var buffer = length <= 1024 ? stackalloc byte[1024] : rented = ArrayPool<byte>.Shared.Rent(length);
        buffer[0] = 0;
        leafKey.CopyTo(buffer[1..]);
        BinaryPrimitives.WriteInt32LittleEndian(buffer[HeadBytes..], Label);
        var end = HeadBytes + 4;
        end = Append(buffer, end, Id);
        end = Append(buffer, end, Subject);
        end = Append(buffer, end, Features);
        end = Append(buffer, end, Text);
        var leaf = Digest.Of(buffer[..end]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return leaf;
    }

    /// <summary>128 bits over the payload (the text where there is one, else the features), by which identical content under
    /// another id is found.</summary>
    /// <param name="destination">Receives 16 bytes.</param>
    public void ContentHash(Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[Digest.SizeBytes];
        Digest.Of(Text.IsEmpty ? Features : Text).CopyTo(hash);
        hash[..16].CopyTo(destination);
    }

    private static int Append(Span<byte> buffer, int end, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer[end..], part.Length);
        part.CopyTo(buffer[(end + 4)..]);
        return end + 4 + part.Length;
    }
}

/// <summary>Records by number: a slice file, a spool, or a few records in memory.</summary>
public interface IRecordSet
{
    /// <summary>Number of records.</summary>
    int Count { get; }

    /// <summary>One record.</summary>
    /// <param name="index">From 0.</param>
    SliceRecord this[int index] { get; }
}
