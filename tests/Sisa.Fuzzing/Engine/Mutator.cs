using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sisa.Fuzzing.Engine;

/// <summary>Makes inputs out of inputs: flips, arithmetic, numbers at the edges of their ranges, blocks copied, moved and removed, tokens of the format, halves of
/// two inputs joined.</summary>
/// <param name="random">What decides; the same seed makes the same inputs.</param>
/// <param name="tokens">Pieces that the format is made of.</param>
/// <param name="maxBytes">Longest input.</param>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> tokens, int maxBytes)
{
    private static readonly long[] Edges =
    [
        0, 1, -1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 1000, 1024, 4096, short.MaxValue, ushort.MaxValue, 1 << 16, 1 << 20, 1 << 30,
        int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, long.MaxValue, long.MinValue, short.MinValue, -2, -128,
    ];

    /// <summary>Changes a copy of an input one to sixteen times.</summary>
    /// <param name="input">The input; stays as it is.</param>
    /// <param name="other">Another one, to take pieces from.</param>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = input.ToList();
        for (var steps = 1 << random.Next(5); steps > 0; steps--)
        {
            Step(bytes, other);
        }

        if (bytes.Count > maxBytes)
        {
            bytes.RemoveRange(maxBytes, bytes.Count - maxBytes);
        }

        return [.. bytes];
    }

    private void Step(List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            Insert(bytes, 0, Noise(random.Next(1, 17)));
            return;
        }

        var at = random.Next(bytes.Count);
        switch (random.Next(16))
        {
            case 0 or 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                bytes[at] = unchecked((byte)(bytes[at] + random.Next(-35, 36)));
                break;
            case 4:
                WriteNumber(bytes, at, ReadNumber(bytes, at) + random.Next(-35, 36));
                break;
            case 5:
                WriteNumber(bytes, at, Edges[random.Next(Edges.Length)]);
                break;
            case 6:
                ReplaceDigits(bytes, at);
                break;
            case 7 or 8:
                bytes.RemoveRange(at, BlockLength(bytes.Count - at));
                break;
            case 9:
                Insert(bytes, random.Next(bytes.Count + 1), bytes.GetRange(at, BlockLength(bytes.Count - at)));
                break;
            case 10:
                Overwrite(bytes, random.Next(bytes.Count), bytes.GetRange(at, BlockLength(bytes.Count - at)));
                break;
            case 11:
                Insert(bytes, at, Noise(BlockLength(64)));
                break;
            case 12 when tokens.Count > 0:
                Insert(bytes, at, tokens[random.Next(tokens.Count)]);
                break;
            case 13 when tokens.Count > 0:
                Overwrite(bytes, at, tokens[random.Next(tokens.Count)]);
                break;
            case 14 when other.Length > 0:
                var from = random.Next(other.Length);
                Insert(bytes, at, other.AsSpan(from, BlockLength(other.Length - from)).ToArray());
                break;
            case 15 when other.Length > 0 && random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[Math.Min(at, other.Length)..]);
                break;
            default:
                bytes[at] = bytes[random.Next(bytes.Count)];
                break;
        }
    }

    /// <summary>Short blocks mostly, long ones sometimes.</summary>
    private int BlockLength(int longest) => random.Next(1, Math.Max(1, random.Next(4) switch { 0 => longest, 1 => Math.Min(longest, 128), _ => Math.Min(longest, 16) }) + 1);

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        if (random.Next(2) == 0)
        {
            Array.Fill(noise, (byte)random.Next(256));
        }
        else
        {
            random.NextBytes(noise);
        }

        return noise;
    }

    private void Insert(List<byte> bytes, int at, IReadOnlyCollection<byte> block)
    {
        if (bytes.Count + block.Count <= maxBytes)
        {
            bytes.InsertRange(at, block);
        }
    }

    private static void Overwrite(List<byte> bytes, int at, IReadOnlyList<byte> block)
    {
        for (var i = 0; i < block.Count && at + i < bytes.Count; i++)
        {
            bytes[at + i] = block[i];
        }
    }

    private static long ReadNumber(List<byte> bytes, int at)
    {
        Span<byte> eight = stackalloc byte[8];
        for (var i = 0; i < eight.Length && at + i < bytes.Count; i++)
        {
            eight[i] = bytes[at + i];
        }

        return BinaryPrimitives.ReadInt64LittleEndian(eight);
    }

    /// <summary>Two, four or eight bytes, in either order.</summary>
    private void WriteNumber(List<byte> bytes, int at, long value)
    {
        var length = 2 << random.Next(3);
        var isBigEndian = random.Next(2) == 0;
        for (var i = 0; i < length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = unchecked((byte)(value >> (8 * (isBigEndian ? length - 1 - i : i))));
        }
    }

    /// <summary>A number in a text becomes one at the edge of a range.</summary>
    private void ReplaceDigits(List<byte> bytes, int at)
    {
        var start = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
        {
            return;
        }

        var end = start;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
        {
            end++;
        }

        bytes.RemoveRange(start, end - start);
        Insert(bytes, start, Encoding.ASCII.GetBytes(Edges[random.Next(Edges.Length)].ToString(CultureInfo.InvariantCulture)));
    }
}
