namespace Sisa.Readers.Losses;

/// <summary>Lines of a file that follow one another; rows where the format has no lines.</summary>
/// <param name="First">One-based number of the first.</param>
/// <param name="Last">Number of the last, at least <paramref name="First"/>.</param>
public readonly record struct LineRange(long First, long Last)
{
    /// <summary>As messages show it: <c>11</c>, <c>11–301</c>.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}–{Last}";
}
