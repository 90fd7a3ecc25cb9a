using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sisa.TestKit;

namespace Sisa.Campaigns.LifeCycle;

/// <summary>Everything that may ever be offered to a store: a few items of fewer authors, so that every corner is met often.</summary>
internal static class ModelWorld
{
    public const int Items = 10;
    public const int Authors = 4;
    public const int Names = 6;
    public const int Shards = 2;
    public const int Slices = 2;

    private static readonly TestRow[] Rows = [.. Enumerable.Range(0, Items).Select(i => TestRow.One(i, Author(i % Authors)))];

    public static TestRow Row(int item) => Rows[item];

    public static string Author(int author) => $"author-{author:000}";

    /// <summary>Code points of an item's text as first ingested.</summary>
    public static int Length(int item) => Rows[item].Text.EnumerateRunes().Count();

    /// <summary>Where an item lives, by docs/store-format.md and not by the product's code.</summary>
    public static (int Shard, int Slice) Place(byte[] key, int item)
    {
        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(Rows[item].Author));
        return ((int)Scaled(hash.AsSpan(0, 8), Shards), 1 + (int)Scaled(hash.AsSpan(8, 8), Slices));
    }

    private static ulong Scaled(ReadOnlySpan<byte> bytes, int bound) => (ulong)(((UInt128)BinaryPrimitives.ReadUInt64BigEndian(bytes) * (uint)bound) >> 64);
}
