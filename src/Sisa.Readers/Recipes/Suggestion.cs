namespace Sisa.Readers.Recipes;

/// <summary>Guesses what a misspelt name was meant to be.</summary>
internal static class Suggestion
{
    /// <summary>The nearest of some names, or <see langword="null"/> if none is near.</summary>
    /// <param name="name">The misspelt name.</param>
    /// <param name="candidates">The names that exist.</param>
    public static string? For(string name, IEnumerable<string> candidates)
    {
        var nearest = candidates
            .Select(candidate => (candidate, distance: Distance(Bare(name), Bare(candidate))))
            .OrderBy(pair => pair.distance)
            .FirstOrDefault();
        return nearest.candidate is not null && nearest.distance <= Math.Max(name.Length > 3 ? 2 : 1, Math.Max(name.Length, nearest.candidate.Length) / 3) ? nearest.candidate : null;
    }

    /// <summary><c>batch_size</c>, <c>batch-size</c> and <c>BatchSize</c> are all meant for <c>batchSize</c>.</summary>
    private static string Bare(string name) => (name.Length > 64 ? name[..64] : name)
        .Replace("_", string.Empty, StringComparison.Ordinal)
        .Replace("-", string.Empty, StringComparison.Ordinal)
        .ToLowerInvariant();

    /// <summary>Insertions, deletions and replacements between two texts (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
