using System.Globalization;

namespace Sisa.Finding;

/// <summary>The folding of each code point, from the project's own tables. The program runs without ICU, and .NET then silently normalises nothing.</summary>
/// <remarks>Immutable and thread-safe. Data and their origin: <c>folds.txt</c> in this folder.</remarks>
internal sealed class FoldTable
{
    private const int PageBits = 8;
    private const int MaxCodePoint = 0x10FFFF;
    private const uint Separator = 1 << 16;
    private const uint Mark = 1 << 17;
    private const int ClassShift = 24;

    // Per code point: number of its fold, whether it separates, whether it is a mark, its combining class. Pages without an entry are null.
    private readonly uint[]?[] _pages = new uint[]?[(MaxCodePoint >> PageBits) + 1];

    // Number 0 stands for a code point that is folded to itself.
    private readonly List<int[]> _folds = [[]];

    private FoldTable()
    {
        using var stream = typeof(FoldTable).Assembly.GetManifestResourceStream("folds.txt")!;
        using var reader = new StreamReader(stream);
        var section = string.Empty;
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '[')
            {
                section = line;
            }
            else if (line[0] != '#')
            {
                Add(section, line.Split(' '));
            }
        }
    }

    /// <summary>The one table.</summary>
    public static FoldTable Instance { get; } = new();

    /// <summary>Finds the folding of a code point; <see langword="false"/> if it folds to itself.</summary>
    public bool TryFold(int codePoint, out ReadOnlySpan<int> fold)
    {
        var number = (int)(Entry(codePoint) & 0xFFFF);
        fold = _folds[number];
        return number != 0;
    }

    /// <summary>Whether a code point is white space, punctuation or a control character.</summary>
    public bool IsSeparator(int codePoint) => (Entry(codePoint) & Separator) != 0;

    /// <summary>Whether a code point belongs to the character before it.</summary>
    public bool IsMark(int codePoint) => (Entry(codePoint) & Mark) != 0;

    /// <summary>Canonical combining class: marks of different classes may come in any order; 0 keeps its place.</summary>
    public int ClassOf(int codePoint) => (int)(Entry(codePoint) >> ClassShift);

    private uint Entry(int codePoint) => _pages[codePoint >> PageBits] is { } page ? page[codePoint & ((1 << PageBits) - 1)] : 0;

    private void Add(string section, string[] parts)
    {
        var range = parts[0].Split('-');
        var (first, last) = (Hexadecimal(range[0]), Hexadecimal(range[^1]));
        var isMoved = parts.Length > 1 && parts[1][0] is '+' or '-';
        for (var codePoint = first; codePoint <= last; codePoint++)
        {
            Set(codePoint, section switch
            {
                "[separators]" => Separator,
                "[marks]" => Mark,
                "[classes]" => uint.Parse(parts[1], CultureInfo.InvariantCulture) << ClassShift,
                _ when isMoved => Number([codePoint + int.Parse(parts[1], CultureInfo.InvariantCulture)]),
                _ => Number([.. parts.Skip(1).Select(Hexadecimal)]),
            });
        }
    }

    private uint Number(int[] fold)
    {
        _folds.Add(fold);
        return (uint)(_folds.Count - 1);
    }

    private void Set(int codePoint, uint bits) => (_pages[codePoint >> PageBits] ??= new uint[1 << PageBits])[codePoint & ((1 << PageBits) - 1)] |= bits;

    private static int Hexadecimal(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
