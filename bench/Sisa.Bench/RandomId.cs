using System.Globalization;
using Sisa.Sharding;

namespace Sisa.Bench;

/// <summary>Ids as many corpora have them: UUIDs, which lie anywhere in a sorted table.</summary>
internal static class RandomId
{
    /// <summary>Draws an id of 36 characters.</summary>
    public static string Next(SeededGenerator generator)
    {
        var (a, b) = (generator.NextUInt64(), generator.NextUInt64());
        return string.Create(CultureInfo.InvariantCulture, $"{a >> 32:x8}-{(a >> 16) & 0xFFFF:x4}-{a & 0xFFFF:x4}-{b >> 48:x4}-{b & 0xFFFF_FFFF_FFFF:x12}");
    }
}
