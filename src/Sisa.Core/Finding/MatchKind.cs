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
