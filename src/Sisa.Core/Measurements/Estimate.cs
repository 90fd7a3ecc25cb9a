using System.Text.Json.Serialization;

namespace Sisa.Measurements;

/// <summary>A figure of a sample, and an interval around it.</summary>
/// <param name="Value">The figure; a finite number.</param>
/// <param name="Low">Lower end of the interval; <see langword="null"/> if none can be given from so few items.</param>
/// <param name="High">Upper end.</param>
public sealed record Estimate(double Value, double? Low = null, double? High = null)
{
    /// <summary>Whether there is an interval.</summary>
    [JsonIgnore]
    public bool HasInterval => Low is not null && High is not null;

    /// <summary>The same to so many decimal places, without an interval whose ends become equal: it would claim that nothing is uncertain.</summary>
    /// <param name="places">Decimal places.</param>
    public Estimate Round(int places) => Rounded(number => Math.Round(number, places));

    /// <summary>Rounds a share to a number of decimal places, or to as many as distinguish it from 0 and 1, which mean none and all.</summary>
    /// <param name="places">Decimal places.</param>
    public Estimate RoundShare(int places) => Rounded(share => RoundShare(share, places));

    /// <inheritdoc cref="RoundShare(int)"/>
    /// <param name="share">The share, from 0 to 1.</param>
    /// <param name="places">Decimal places.</param>
    public static double RoundShare(double share, int places)
    {
        const int MaxPlaces = 15;
        var rounded = Math.Round(share, places);
        while (share is > 0 and < 1 && rounded is 0 or 1 && places < MaxPlaces)
        {
            rounded = Math.Round(share, ++places);
        }

        return rounded;
    }

    private Estimate Rounded(Func<double, double> round)
    {
        var rounded = new Estimate(round(Value), Low is { } low ? round(low) : null, High is { } high ? round(high) : null);
        return rounded.Low < rounded.High ? rounded : new Estimate(rounded.Value);
    }
}
