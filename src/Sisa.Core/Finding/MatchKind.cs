namespace Sisa.Finding;

/// <summary>How close a text is to another, from equal to resembling. As a level it includes the kinds before it.</summary>
public enum MatchKind
{
    /// <summary>The same bytes.</summary>
    Exact,

    /// <summary>The same once both are folded; see <see cref="FoldedText"/>.</summary>
    Normalised,

    /// <summary>A resemblance of at least a threshold; see <see cref="Shingles"/>.</summary>
    Near,
}

/// <summary>How items are compared, in the fixed words of reports and certificates.</summary>
public static class MatchMethod
{
    /// <summary>The method that finds everything up to a kind.</summary>
    /// <param name="level">The closest kind that is looked for.</param>
    public static string Of(MatchKind level) => level switch
    {
        MatchKind.Exact => "equal text, or equal features where there is none",
        MatchKind.Normalised => "equal folded text (Unicode compatibility caseless match; white space and punctuation collapsed)",
        _ => "resemblance of the sets of 5-code-point shingles of folded texts (Broder 1997), computed exactly",
    };
}
