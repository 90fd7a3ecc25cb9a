using System.Text;
using Sisa.Sharding;

namespace Sisa.Cli.Quickstart;

/// <summary>A sentence with choices in it: <c>It [rained|snowed] {place} [all day|again].</c></summary>
/// <remarks><c>[a|b|c]</c> stands for one of its alternatives, which may hold choices themselves or be empty; <c>{name}</c> stands for a
/// word of the author's own. Neither sign can be written as itself: no sentence of the sample needs it.</remarks>
internal static class SamplePattern
{
    /// <summary>Makes one sentence of a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="generator">Decides every choice; drawn from once per choice that is met.</param>
    /// <param name="word">Gives the word for a name in braces.</param>
    public static string Expand(string pattern, SeededGenerator generator, Func<string, string> word)
    {
        var text = new StringBuilder(pattern.Length);
        Append(pattern, generator, word, text);
        return text.ToString();
    }

    private static void Append(ReadOnlySpan<char> pattern, SeededGenerator generator, Func<string, string> word, StringBuilder text)
    {
        while (pattern.IndexOfAny('[', '{') is var at && at >= 0)
        {
            text.Append(pattern[..at]);
            var end = at + LengthOfGroup(pattern[at..]);
            var inside = pattern[(at + 1)..(end - 1)];
            if (pattern[at] == '{')
            {
                text.Append(word(inside.ToString()));
            }
            else
            {
                var alternatives = Alternatives(inside);
                Append(inside[alternatives[generator.NextInt32(alternatives.Count)]], generator, word, text);
            }

            pattern = pattern[end..];
        }

        text.Append(pattern);
    }

    /// <summary>Characters from an opening sign to its closing one, both included.</summary>
    private static int LengthOfGroup(ReadOnlySpan<char> pattern)
    {
        var depth = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            depth += Nesting(pattern[i]);
            if (depth == 0)
            {
                return i + 1;
            }
        }

        throw new MalformedException($"A pattern opens a choice and does not close it: {pattern}");
    }

    private static List<Range> Alternatives(ReadOnlySpan<char> inside)
    {
        var ranges = new List<Range>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i < inside.Length; i++)
        {
            depth += Nesting(inside[i]);
            if (inside[i] == '|' && depth == 0)
            {
                ranges.Add(start..i);
                start = i + 1;
            }
        }

        ranges.Add(start..inside.Length);
        return ranges;
    }

    private static int Nesting(char sign) => sign switch
    {
        '[' or '{' => 1,
        ']' or '}' => -1,
        _ => 0,
    };
}
