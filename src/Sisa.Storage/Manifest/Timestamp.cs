using System.Globalization;

namespace Sisa.Storage.Manifest;

/// <summary>Times as the manifest and JSON hold them: UTC, ISO 8601, seconds. Order comes from epochs and numbers, never from time.</summary>
public static class Timestamp
{
    private const string Layout = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Writes a time.</summary>
    /// <param name="time">Any time; written in UTC.</param>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Layout, CultureInfo.InvariantCulture);

    /// <summary>Reads what <see cref="Format"/> wrote.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">Anything else.</exception>
    public static DateTimeOffset Parse(string text) =>
        DateTimeOffset.ParseExact(text, Layout, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
