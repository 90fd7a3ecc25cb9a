using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sisa.Storage.Files;

namespace Sisa.Engine.Forgetting;

/// <summary>Searches files for many byte strings in one pass.</summary>
/// <remarks>Thread-safe once it is made. Almost every position is turned away by a bit table of the first eight bytes of all strings. Encoded records begin alike everywhere, as
/// do ids; the former are told apart by their first 64 bytes, both by words sampled over their whole length, before they are compared.</remarks>
internal sealed class PatternSearch
{
    /// <summary>Shortest string that is searched for: shorter ones occur by chance.</summary>
    public const int MinBytes = 8;

    private const int LongBytes = 64;
    private const int TableBits = 20;
    private const ulong Multiplier = 0x9E3779B97F4A7C15UL;
    private const int WindowBytes = 1 << 28;

    private readonly Group _short = new(MinBytes);
    private readonly Group _long = new(LongBytes);
    private readonly ulong[] _firstOfAny = new ulong[1 << (TableBits - 6)];
    private readonly int _longest;

    /// <summary>Prepares a search.</summary>
    /// <param name="patterns">Strings of at least <see cref="MinBytes"/> bytes; shorter ones are not searched for.</param>
    public PatternSearch(IEnumerable<byte[]> patterns)
    {
        foreach (var pattern in patterns.Where(p => p.Length >= MinBytes))
        {
            var isLong = pattern.Length >= LongBytes;
            Count += (isLong ? _long : _short).Add(pattern) ? 1 : 0;
            Mark(_firstOfAny, First(pattern));
            _longest = Math.Max(_longest, pattern.Length);
        }
    }

    /// <summary>Number of different strings.</summary>
    public int Count { get; }

    /// <summary>The strings that a file holds, each once.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="cancellation">Ends the search.</param>
    public IReadOnlyCollection<byte[]> In(string path, CancellationToken cancellation = default)
    {
        var found = new HashSet<byte[]>();
        using var file = new MappedFile(path);
        for (long start = 0; start < file.LengthBytes; start += WindowBytes)
        {
            cancellation.ThrowIfCancellationRequested();

            // Windows overlap by the longest string, so that none is missed across a border.
            var length = (int)Math.Min(WindowBytes + (long)_longest, file.LengthBytes - start);
            Scan(file.Span(start, length), found);
        }

        return found;
    }

    private void Scan(ReadOnlySpan<byte> bytes, HashSet<byte[]> found)
    {
        // Every byte of the store comes through here, so that the checks of a span would be most of the work.
        ref var start = ref MemoryMarshal.GetReference(bytes);
        for (var i = 0; i <= bytes.Length - MinBytes; i++)
        {
            if (IsMarked(_firstOfAny, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i)) * Multiplier))
            {
                _short.Find(bytes[i..], found);
                _long.Find(bytes[i..], found);
            }
        }
    }

    private static ulong First(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes) * Multiplier;

    private static void Mark(ulong[] table, ulong hash) => table[hash >> (70 - TableBits)] |= 1UL << (int)(hash >> (64 - TableBits));

    private static bool IsMarked(ulong[] table, ulong hash) => (table[hash >> (70 - TableBits)] >> (int)(hash >> (64 - TableBits)) & 1) != 0;

    /// <summary>Strings that the same number of beginning bytes distinguishes.</summary>
    private sealed class Group(int headBytes)
    {
        // By head, then by length, then by sample.
        private readonly Dictionary<ulong, SortedList<int, Dictionary<ulong, List<byte[]>>>> _heads = [];
        private readonly ulong[] _table = new ulong[1 << (TableBits - 6)];

        public bool Add(byte[] pattern)
        {
            var head = Head(pattern);
            Mark(_table, head);
            if (!_heads.TryGetValue(head, out var lengths))
            {
                _heads.Add(head, lengths = []);
            }

            if (!lengths.TryGetValue(pattern.Length, out var samples))
            {
                lengths.Add(pattern.Length, samples = []);
            }

            var sample = Sample(pattern);
            if (!samples.TryGetValue(sample, out var alike))
            {
                samples.Add(sample, alike = []);
            }

            if (alike.Exists(p => p.AsSpan().SequenceEqual(pattern)))
            {
                return false;
            }

            alike.Add(pattern);
            return true;
        }

        /// <summary>Adds the strings with which some bytes begin.</summary>
        public void Find(ReadOnlySpan<byte> bytes, HashSet<byte[]> found)
        {
            if (bytes.Length < headBytes)
            {
                return;
            }

            var head = Head(bytes);
            if (!IsMarked(_table, head) || !_heads.TryGetValue(head, out var lengths))
            {
                return;
            }

            foreach (var (length, samples) in lengths)
            {
                if (length > bytes.Length)
                {
                    return;
                }

                if (samples.TryGetValue(Sample(bytes[..length]), out var alike))
                {
                    AddEqual(alike, bytes[..length], found);
                }
            }
        }

        private static void AddEqual(List<byte[]> alike, ReadOnlySpan<byte> here, HashSet<byte[]> found)
        {
            foreach (var pattern in alike)
            {
                if (here.SequenceEqual(pattern))
                {
                    found.Add(pattern);
                }
            }
        }

        private ulong Head(ReadOnlySpan<byte> bytes)
        {
            var hash = First(bytes);
            for (var at = sizeof(ulong); at < headBytes; at += sizeof(ulong))
            {
                hash = BitOperations.RotateLeft(hash, 29) ^ First(bytes[at..]);
            }

            return hash;
        }

        // Eight words from the first to the last, evenly spread.
        private static ulong Sample(ReadOnlySpan<byte> bytes)
        {
            const int Words = 8;
            ulong sample = 0;
            for (var i = 0; i < Words; i++)
            {
                var at = (int)((long)(bytes.Length - sizeof(ulong)) * i / (Words - 1));
                sample = BitOperations.RotateLeft(sample, 29) ^ First(bytes[at..]);
            }

            return sample;
        }
    }
}
