using System.Globalization;

namespace Sisa;

/// <summary>A noun with its number, for messages.</summary>
public static class Counted
{
    /// <summary>The number with thousands separators, and the noun in the singular for one: <c>1 item</c>, <c>2,000 items</c>.</summary>
    /// <param name="count">The number.</param>
    /// <param name="noun">The noun in the singular.</param>
    /// <param name="plural">Its plural where that is not the noun with an "s".</param>
    public static string Of(long count, string noun, string? plural = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? noun : plural ?? noun + "s")}");
}
