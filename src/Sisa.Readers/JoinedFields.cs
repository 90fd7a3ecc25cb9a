using System.Text;
using Sisa.Training;

namespace Sisa.Readers;

/// <summary>Joins the fields of a role that maps several: ids and subjects with <c>/</c>, texts with a line feed.</summary>
/// <remarks>
/// Under <see cref="FieldJoining.Escaped"/> different fields never give the same result. In every part, a joint that is part of the data gets a
/// backslash before it, and a run of backslashes directly before a joint or at the end of the part is doubled. So a joint behind an even number of
/// backslashes separates, and one behind an odd number belongs to the data. The last part of a text is left as it is: no joint can follow it.
/// Thread-safe.
/// </remarks>
public static class JoinedFields
{
    /// <summary>Stands between the fields of an id or a subject.</summary>
    public const char NameJoint = '/';

    /// <summary>Stands between the fields of a text.</summary>
    public const char TextJoint = '\n';

    private const byte Escape = (byte)'\\';

    /// <summary>Most spellings that <see cref="SpellingsOf"/> gives.</summary>
    private const int MaxSpellings = 64;

    /// <summary>The id or subject that fields make.</summary>
    /// <param name="parts">The fields in the recipe's order, at least one.</param>
    /// <param name="joining">The recipe's rule.</param>
    public static string Name(IReadOnlyList<string> parts, FieldJoining joining)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts.Count == 1 || joining == FieldJoining.Plain ? string.Join(NameJoint, parts) : string.Join(NameJoint, parts.Select(Escaped));
    }

    /// <summary>The escaped spellings that a name may have which was written without escapes.</summary>
    /// <param name="plain">The name, its fields joined by a mere <c>/</c>.</param>
    /// <param name="count">How many fields the recipe joins.</param>
    /// <returns>The spellings that differ from the name, some at most.</returns>
    public static IReadOnlyList<string> SpellingsOf(string plain, int count)
    {
        ArgumentNullException.ThrowIfNull(plain);
        var pieces = plain.Split(NameJoint);
        return pieces.Length < count || count < 2 ? [] : [.. Groupings(pieces, count).Select(parts => Name(parts, FieldJoining.Escaped)).Where(name => name != plain).Take(MaxSpellings)];
    }

    /// <summary>Writes one part.</summary>
    /// <param name="part">The field's bytes.</param>
    /// <param name="joint">The joint between parts.</param>
    /// <param name="to">Receives the part; twice as long as it suffices.</param>
    /// <returns>Bytes written.</returns>
    internal static int Write(ReadOnlySpan<byte> part, byte joint, Span<byte> to)
    {
        if (!part.Contains(joint) && !part.EndsWith(Escape))
        {
            part.CopyTo(to);
            return part.Length;
        }

        var (at, run) = (0, 0);
        foreach (var value in part)
        {
            if (value == joint)
            {
                to.Slice(at, run + 1).Fill(Escape);
                at += run + 1;
            }

            run = value == Escape ? run + 1 : 0;
            to[at++] = value;
        }

        to.Slice(at, run).Fill(Escape);
        return at + run;
    }

    private static string Escaped(string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        var written = new byte[2 * bytes.Length];
        return Encoding.UTF8.GetString(written, 0, Write(bytes, (byte)NameJoint, written));
    }

    // Every way to make so many parts of the pieces, in their order.
    private static IEnumerable<string[]> Groupings(ArraySegment<string> pieces, int count)
    {
        if (count == 1)
        {
            return [[string.Join(NameJoint, pieces.AsEnumerable())]];
        }

        return Enumerable.Range(1, pieces.Count - count + 1)
            .SelectMany(taken => Groupings(pieces[taken..], count - 1).Select(rest => (string[])[string.Join(NameJoint, pieces[..taken].AsEnumerable()), .. rest]));
    }
}
