using System.Buffers.Binary;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Sisa.Storage.Files;

namespace Sisa.Engine.Forgetting;

/// <summary>Searches files for many byte strings at once, in one pass whatever their number.</summary>
/// <remarks>A string is looked for where its first eight bytes are; a bit table of their hashes turns almost every position away. Of strings that
/// begin alike, as ids do, one look-up for each length finds the one that is there.</remarks>
internal sealed class PatternSearch
{
    /// <summary>Shortest string that is searched for: shorter ones occur by chance.</summary>
    public const int MinBytes = 8;

    private const int TableBits = 20;
    private const int WindowBytes = 1 << 28;

    private readonly Dictionary<ulong, SortedList<int, HashSet<byte[]>>> _patterns = [];
    private readonly BitArray _table = new(1 << TableBits);
    private readonly int _longest;

    /// <summary>Prepares a search.</summary>
    /// <param name="patterns">Strings of at least <see cref="MinBytes"/> bytes; shorter ones are not searched for.</param>
    public PatternSearch(IEnumerable<byte[]> patterns)
    {
        foreach (var pattern in patterns.Where(p => p.Length >= MinBytes))
        {
            var key = BinaryPrimitives.ReadUInt64LittleEndian(pattern);
            if (!_patterns.TryGetValue(key, out var lengths))
            {
                _patterns.Add(key, lengths = []);
            }

            if (!lengths.TryGetValue(pattern.Length, out var alike))
            {
                lengths.Add(pattern.Length, alike = new HashSet<byte[]>(ByContent.Instance));
            }

            Count += alike.Add(pattern) ? 1 : 0;
            _table[Slot(key)] = true;
            _longest = Math.Max(_longest, pattern.Length);
        }
    }

    /// <summary>Number of different strings.</summary>
    public int Count { get; }

    /// <summary>The strings that a file holds, each once.</summary>
    /// <param name="path">Path of the file.</param>
    public IReadOnlyCollection<byte[]> In(string path)
    {
        var found = new HashSet<byte[]>();
        using var file = new MappedFile(path);
        for (long start = 0; start < file.LengthBytes; start += WindowBytes)
        {
            // Windows overlap by the longest string, so that none is missed across a border.
            var length = (int)Math.Min(WindowBytes + (long)_longest, file.LengthBytes - start);
            Scan(file.Span(start, length), found);
        }

        return found;
    }

    private static int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> (64 - TableBits));

    private void Scan(ReadOnlySpan<byte> bytes, HashSet<byte[]> found)
    {
        for (var i = 0; i + MinBytes <= bytes.Length; i++)
        {
            var key = BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]);
            if (!_table[Slot(key)] || !_patterns.TryGetValue(key, out var lengths))
            {
                continue;
            }

            foreach (var (length, alike) in lengths)
            {
                if (i + length > bytes.Length)
                {
                    break;
                }

                if (alike.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(bytes.Slice(i, length), out var pattern))
                {
                    found.Add(pattern);
                }
            }
        }
    }

    private sealed class ByContent : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static ByContent Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
