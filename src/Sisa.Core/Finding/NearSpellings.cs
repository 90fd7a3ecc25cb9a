namespace Sisa.Finding;

/// <summary>What a name names.</summary>
public enum NameKind
{
    /// <summary>An item.</summary>
    Item,

    /// <summary>A subject.</summary>
    Subject,
}

/// <summary>Which spellings of a name a request takes.</summary>
public enum NameMatch
{
    /// <summary>The name as it is written.</summary>
    Exact,

    /// <summary>Also names of the store that fold alike; see <see cref="FoldedName"/>.</summary>
    Folded,
}

/// <summary>A name of the store that folds like one that somebody named.</summary>
/// <param name="Kind">What both name.</param>
/// <param name="Name">Its own, exact spelling.</param>
/// <param name="Items">Items of that name.</param>
/// <param name="Of">The name that was named.</param>
public sealed record NearSpelling(NameKind Kind, string Name, long Items, string Of);

/// <summary>What a search for near spellings of names found. Names that were named themselves are not among them.</summary>
public sealed record NearSpellings
{
    /// <summary>Names of the store that were compared.</summary>
    public required long Names { get; init; }

    /// <summary>What was found, by kind and spelling.</summary>
    public required IReadOnlyList<NearSpelling> Found { get; init; }

    /// <summary>Names the corpus that was searched: a request that takes near spellings is not received against another one.</summary>
    public required Digest Corpus { get; init; }

    /// <summary>How names are compared, in the fixed words of reports and certificates.</summary>
    public static string Method => "case, Unicode compatibility form, spaces, invisible characters, and the value of numbers";

    /// <summary>Spellings of a kind, each once.</summary>
    /// <param name="kind">The kind.</param>
    public IReadOnlyList<string> Of(NameKind kind) => [.. Found.Where(f => f.Kind == kind).Select(f => f.Name)];

    /// <summary>Those of some names that a near spelling stands for.</summary>
    /// <param name="kind">What they name.</param>
    /// <param name="names">The names.</param>
    public IReadOnlySet<string> Answered(NameKind kind, IEnumerable<string> names)
    {
        var folded = Of(kind).Select(FoldedName.Of).ToHashSet(StringComparer.Ordinal);
        return folded.Count == 0 ? new HashSet<string>() : names.Where(name => folded.Contains(FoldedName.Of(name))).ToHashSet(StringComparer.Ordinal);
    }
}
