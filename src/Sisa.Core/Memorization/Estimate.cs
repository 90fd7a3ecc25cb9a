using System.Text.Json.Serialization;

namespace Sisa.Memorization;

/// <summary>A figure of a sample, and the interval that a bootstrap puts around it.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Low">Lower end of the interval; <see langword="null"/> where there is none (<see cref="Bootstrap"/>).</param>
/// <param name="High">Upper end.</param>
public sealed record Estimate(double Value, double? Low = null, double? High = null)
{
    /// <summary>Whether there is an interval.</summary>
    [JsonIgnore]
    public bool HasInterval => Low is not null && High is not null;

    /// <summary>The same to so many decimal places.</summary>
    /// <param name="places">Decimal places.</param>
    public Estimate Round(int places) => new(Math.Round(Value, places), Rounded(Low, places), Rounded(High, places));

    /// <summary>The same share of a whole to so many decimal places. A share above 0 never becomes 0, and one below 1 never becomes 1: those say none and all.</summary>
    /// <param name="places">Decimal places.</param>
    public Estimate RoundShare(int places)
    {
        double Rounded(double share)
        {
            var (rounded, least) = (Math.Round(share, places), Math.Pow(10, -places));
            return share is > 0 and < 1 ? Math.Round(Math.Clamp(rounded, least, 1 - least), places) : rounded;
        }

        return new Estimate(Rounded(Value), Low is { } low ? Rounded(low) : null, High is { } high ? Rounded(high) : null);
    }

    /// <summary>The estimate where its value is a finite number, or <see langword="null"/>.</summary>
    public Estimate? OnlyFinite() => double.IsFinite(Value) ? this : null;

    private static double? Rounded(double? value, int places) => value is { } number ? Math.Round(number, places) : null;
}
