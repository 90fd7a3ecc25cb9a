namespace Sisa.Finding;

/// <summary>The kinds of names.</summary>
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

    /// <summary>Also names of the store with an equal folded form; see <see cref="FoldedName"/>.</summary>
    Folded,
}

/// <summary>A name of the store that folds like a given name.</summary>
/// <param name="Kind">The kind of both names.</param>
/// <param name="Name">Its own, exact spelling.</param>
/// <param name="Items">Items of that name.</param>
/// <param name="Of">The name that was named.</param>
public sealed record NearSpelling(NameKind Kind, string Name, long Items, string Of);

/// <summary>The near spellings of given names. The given names themselves are not among them.</summary>
public sealed record NearSpellings
{
    /// <summary>Names of the store that were compared.</summary>
    public required long Names { get; init; }

    /// <summary>The near spellings, by kind and name.</summary>
    public required IReadOnlyList<NearSpelling> Found { get; init; }

    /// <summary>Names the corpus that was searched. A request that includes near spellings is refused for another corpus.</summary>
    public required Digest Corpus { get; init; }

    /// <summary>How names are compared, in the fixed words of reports and certificates.</summary>
    public static string Method => "case, Unicode compatibility form, spaces, invisible characters, and the value of numbers";

    /// <summary>Spellings of a kind, each once.</summary>
    /// <param name="kind">The kind.</param>
    public IReadOnlyList<string> Of(NameKind kind) => [.. Found.Where(f => f.Kind == kind).Select(f => f.Name)];

    /// <summary>The names, among the given ones, that have a near spelling.</summary>
    /// <param name="kind">Their kind.</param>
    /// <param name="names">The names.</param>
    public IReadOnlySet<string> Answered(NameKind kind, IEnumerable<string> names)
    {
        var folded = Of(kind).Select(FoldedName.Of).ToHashSet(StringComparer.Ordinal);
        return folded.Count == 0 ? new HashSet<string>() : names.Where(name => folded.Contains(FoldedName.Of(name))).ToHashSet(StringComparer.Ordinal);
    }
}
