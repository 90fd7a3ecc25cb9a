using System.Globalization;

namespace Sisa;

/// <summary>Numbers as people read them. Invariant culture: the same text on every machine.</summary>
public static class Figures
{
    /// <summary>A whole number in groups of three.</summary>
    public static string Count(double value) => Math.Round(value).ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A noun with its number: <c>1 item</c>, <c>2 items</c>.</summary>
    public static string Count(long value, string noun) => Counted.Of(value, noun);

    /// <summary>A share in per cent; next to nothing is not called none, nor nearly everything all.</summary>
    public static string Share(double share) => share switch
    {
        > 0 and < 0.001 => "< 0.1 %",
        > 0.999 and < 1 => "> 99.9 %",
        _ => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %",
    };

    /// <summary>Text for a perplexity that exceeds every number.</summary>
    public static string BeyondNumbers => "> 1.8e308";

    /// <summary>A perplexity; from a million on by its power of ten.</summary>
    /// <param name="perplexity">The perplexity.</param>
    /// <param name="format">How a smaller one is written.</param>
    public static string Perplexity(double perplexity, string format) => perplexity.ToString(perplexity < 1e6 ? format : "0.000e0", CultureInfo.InvariantCulture);

    /// <summary>A time span in seconds or, from two minutes, in minutes.</summary>
    public static string Seconds(double seconds) => seconds switch
    {
        < 0.1 => (1000 * seconds).ToString("0", CultureInfo.InvariantCulture) + " ms",
        < 120 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        _ => (seconds / 60).ToString("0.0", CultureInfo.InvariantCulture) + " min",
    };

    /// <summary>A number of bytes.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => Count(bytes) + " B",
        < 10_000_000 => Count(bytes / 1000.0) + " kB",
        < 10_000_000_000 => Count(bytes / 1e6) + " MB",
        _ => Count(bytes / 1e9) + " GB",
    };
}
