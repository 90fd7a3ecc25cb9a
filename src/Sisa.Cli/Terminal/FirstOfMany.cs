namespace Sisa.Cli.Terminal;

/// <summary>Reports the first of many things, and the number of the others, because nobody reads thousands of lines.</summary>
internal static class FirstOfMany
{
    /// <summary>How many are reported.</summary>
    public const int MostShown = 20;

    /// <summary>Reports each of the first twenty, and then the number of the others.</summary>
    /// <typeparam name="T">Type of a thing.</typeparam>
    /// <param name="all">All of them.</param>
    /// <param name="tell">Reports one.</param>
    /// <param name="tellMore">Reports the number of the others; not called if there are none.</param>
    public static void Tell<T>(IReadOnlyList<T> all, Action<T> tell, Action<int> tellMore)
    {
        foreach (var one in all.Take(MostShown))
        {
            tell(one);
        }

        if (all.Count > MostShown)
        {
            tellMore(all.Count - MostShown);
        }
    }
}
