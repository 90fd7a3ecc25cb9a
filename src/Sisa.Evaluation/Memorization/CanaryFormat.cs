using System.Globalization;
using System.Numerics;
using System.Text;
using Sisa.Sharding;

namespace Sisa.Evaluation.Memorization;

/// <summary>A sentence with holes for random digits, which is planted in a corpus to see whether a model remembers the digits.</summary>
/// <remarks>Immutable. Carlini et al., <i>The Secret Sharer</i>, USENIX Security 2019, section 4: the format s with its holes, and the space R of what can fill them. In
/// <see cref="Template"/> each <c>#</c> is a hole for one digit.</remarks>
public sealed class CanaryFormat
{
    private const char Hole = '#';

    /// <summary>Most digits: their numbers fit in 64 bits.</summary>
    public const int MostDigits = 18;

    /// <summary>Checks a format.</summary>
    /// <param name="template">A sentence with 1 to <see cref="MostDigits"/> holes.</param>
    /// <exception cref="ArgumentException">It has no hole, or too many.</exception>
    public CanaryFormat(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        Template = template;
        Digits = template.Count(c => c == Hole);
        if (Digits is 0 or > MostDigits)
        {
            throw new ArgumentException($"A canary has 1 to {MostDigits} holes '{Hole}', found {Digits} in '{template}'.", nameof(template));
        }

        Space = (long)BigInteger.Pow(10, Digits);
    }

    /// <summary>The sentence.</summary>
    public string Template { get; }

    /// <summary>Number of holes.</summary>
    public int Digits { get; }

    /// <summary>Number of fillings: |R|.</summary>
    public long Space { get; }

    /// <summary>The sentence with its holes filled.</summary>
    /// <param name="filling">From 0 to below <see cref="Space"/>; leading zeros are written.</param>
    public string Text(long filling)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(filling);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(filling, Space);
        var digits = filling.ToString($"D{Digits}", CultureInfo.InvariantCulture);
        var text = new StringBuilder(Template.Length);
        var next = 0;
        foreach (var character in Template)
        {
            text.Append(character == Hole ? digits[next++] : character);
        }

        return text.ToString();
    }

    /// <summary>Draws a filling to plant.</summary>
    /// <param name="generator">Source of the draw.</param>
    public long Draw(SeededGenerator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return Seeds.Scale(generator.NextUInt64(), Space);
    }

    /// <summary>Fillings to compare a canary with: all others where there are no more than asked for, else so many different ones at random.</summary>
    /// <param name="canary">The filling that was planted; never among them.</param>
    /// <param name="most">How many, at least one.</param>
    /// <param name="generator">Source of the draws.</param>
    public IReadOnlyList<long> Others(long canary, int most, SeededGenerator generator)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        ArgumentNullException.ThrowIfNull(generator);
        if (Space - 1 <= most)
        {
            return [.. Enumerable.Range(0, (int)Space).Select(i => (long)i).Where(filling => filling != canary)];
        }

        var drawn = new List<long>(most);
        var seen = new HashSet<long> { canary };
        while (drawn.Count < most)
        {
            if (Draw(generator) is var filling && seen.Add(filling))
            {
                drawn.Add(filling);
            }
        }

        return drawn;
    }
}
