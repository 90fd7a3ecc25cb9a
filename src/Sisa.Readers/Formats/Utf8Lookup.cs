using System.Text;

namespace Sisa.Readers.Formats;

/// <summary>Finds the index of a declared text from its UTF-8 bytes without making a string.</summary>
/// <remarks>Immutable, thread-safe. Of equal texts the first counts.</remarks>
internal sealed class Utf8Lookup
{
    private readonly byte[][] _texts;
    private readonly int[] _table;

    /// <summary>Creates the lookup.</summary>
    /// <param name="texts">The declared texts.</param>
    public Utf8Lookup(IReadOnlyList<string> texts)
    {
        _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];
        _table = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, texts.Count * 2))];
        Array.Fill(_table, -1);
        for (var i = 0; i < _texts.Length; i++)
        {
            var at = Place(_texts[i]);
            if (_table[at] < 0)
            {
                _table[at] = i;
            }
        }
    }

    /// <summary>The text at an index, as bytes.</summary>
    /// <param name="index">The index.</param>
    public byte[] this[int index] => _texts[index];

    /// <summary>Index of a text, or −1.</summary>
    /// <param name="utf8">Its bytes.</param>
    public int Find(ReadOnlySpan<byte> utf8) => _table[Place(utf8)];

    private int Place(ReadOnlySpan<byte> utf8)
    {
        var hash = 2166136261u;
        foreach (var b in utf8)
        {
            hash = (hash ^ b) * 16777619u;
        }

        var mask = _table.Length - 1;
        var at = (int)(hash ^ (hash >> 15)) & mask;
        while (_table[at] >= 0 && !utf8.SequenceEqual(_texts[_table[at]]))
        {
            at = (at + 1) & mask;
        }

        return at;
    }
}
