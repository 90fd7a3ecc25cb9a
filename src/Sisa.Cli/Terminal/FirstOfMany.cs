namespace Sisa.Cli.Terminal;

/// <summary>Tells the first of many things, and how many more there are: nobody reads thousands of lines.</summary>
internal static class FirstOfMany
{
    /// <summary>How many are told.</summary>
    public const int MostShown = 20;

    /// <summary>Tells each of the first twenty, and then of the rest.</summary>
    /// <typeparam name="T">What is told.</typeparam>
    /// <param name="all">All of them.</param>
    /// <param name="tell">Tells one.</param>
    /// <param name="tellMore">Tells how many more there are; not called where all were told.</param>
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
