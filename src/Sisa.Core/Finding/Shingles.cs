namespace Sisa.Finding;

/// <summary>Resemblance of texts by their shingles: all runs of <see cref="Length"/> successive code points of a folded text.</summary>
/// <remarks>
/// <para>Pure and thread-safe. Broder, <i>On the Resemblance and Containment of Documents</i>, SEQUENCES 1997, section 2, option B: of sets A and B of shingles the
/// resemblance is |A ∩ B| / |A ∪ B|, the containment of A in B is |A ∩ B| / |A|. Both are computed from the sets themselves, not estimated from samples.</para>
/// <para>Code points instead of words, because many languages write no spaces. A text shorter than a shingle is one shingle as a whole; a text that
/// folds to nothing has none, and resembles nothing.</para>
/// </remarks>
public static class Shingles
{
    /// <summary>Code points of a shingle.</summary>
    public const int Length = 5;

    /// <summary>Default of the least resemblance of near texts.</summary>
    public const double DefaultThreshold = 0.7;

    // Five code points of 21 bits each: the number is the shingle itself, not a hash of it. No folded code point is 0, so that shorter texts have numbers of their own.
    private const int CodePointBits = 21;
    private static readonly UInt128 Mask = (UInt128.One << (Length * CodePointBits)) - 1;

    /// <summary>Shingles of a folded text in the order of their places, with repetitions.</summary>
    /// <param name="codes">Folded code points.</param>
    /// <param name="shingles">Receives them from its beginning; made larger where need be.</param>
    /// <returns>Their number: 0 of no code points, 1 of a text shorter than a shingle, else as many as shingles begin in it.</returns>
    public static int Fill(ReadOnlySpan<int> codes, ref UInt128[] shingles)
    {
        var count = codes.IsEmpty ? 0 : Math.Max(1, codes.Length - Length + 1);
        if (shingles.Length < count)
        {
            shingles = new UInt128[Math.Max(count, shingles.Length * 2)];
        }

        var shingle = UInt128.Zero;
        for (var i = 0; i < codes.Length; i++)
        {
            shingle = ((shingle << CodePointBits) | (uint)codes[i]) & Mask;
            shingles[Math.Max(0, i - Length + 1)] = shingle;
        }

        return count;
    }

    /// <summary>The set of shingles of a folded text, in ascending order.</summary>
    /// <param name="codes">Folded code points.</param>
    public static UInt128[] SetOf(ReadOnlySpan<int> codes)
    {
        UInt128[] shingles = [];
        var count = Fill(codes, ref shingles);
        return shingles[..Distinct(shingles.AsSpan(0, count))];
    }

    /// <summary>Sorts shingles, and drops repetitions.</summary>
    /// <param name="shingles">Any shingles; the set is at their beginning afterwards.</param>
    /// <returns>Size of the set.</returns>
    public static int Distinct(Span<UInt128> shingles)
    {
        shingles.Sort();
        var count = 0;
        foreach (var shingle in shingles)
        {
            if (count == 0 || shingles[count - 1] != shingle)
            {
                shingles[count++] = shingle;
            }
        }

        return count;
    }

    /// <summary>Resemblance of two sets: from 0, nothing in common, to 1, equal.</summary>
    /// <param name="first">A set in ascending order.</param>
    /// <param name="second">Another one.</param>
    public static double Resemblance(ReadOnlySpan<UInt128> first, ReadOnlySpan<UInt128> second)
    {
        var (common, i, j) = (0, 0, 0);
        while (i < first.Length && j < second.Length)
        {
            var order = first[i].CompareTo(second[j]);
            common += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return common == 0 ? 0 : (double)common / (first.Length + second.Length - common);
    }
}
