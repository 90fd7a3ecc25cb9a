using System.Globalization;

namespace Sisa.Readers.Lists;

/// <summary>Days and moments as lists and the command line write them: <c>2026-12-24</c>, <c>2026-12-24T10:00:00Z</c>. All are UTC.</summary>
public static class MomentText
{
    /// <summary>The accepted forms, for messages.</summary>
    public const string Expected = "Write a day, 2026-12-24, or a moment, 2026-12-24T10:00:00Z.";

    /// <summary>Reads a day or a moment.</summary>
    /// <param name="text">The text.</param>
    /// <param name="endsDay">Whether a day stands for its last second, as for a due date; otherwise for its first.</param>
    /// <returns>The moment, or <see langword="null"/> if the text is neither.</returns>
    public static DateTimeOffset? Parse(string text, bool endsDay)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
        {
            var start = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            return endsDay ? start.AddDays(1).AddSeconds(-1) : start;
        }

        return DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment : null;
    }
}
