using System.Text.Json.Serialization;

namespace Sisa.Memorization;

/// <summary>A figure of a sample, and the interval that a bootstrap puts around it.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Low">Lower end of the interval; <see langword="null"/> where there is none: of a single item nothing can be drawn again.</param>
/// <param name="High">Upper end.</param>
public sealed record Estimate(double Value, double? Low = null, double? High = null)
{
    /// <summary>Whether there is an interval.</summary>
    [JsonIgnore]
    public bool HasInterval => Low is not null && High is not null;

    /// <summary>The same to so many decimal places.</summary>
    /// <param name="places">Decimal places.</param>
    public Estimate Round(int places) => new(Math.Round(Value, places), Rounded(Low, places), Rounded(High, places));

    private static double? Rounded(double? value, int places) => value is { } number ? Math.Round(number, places) : null;
}
