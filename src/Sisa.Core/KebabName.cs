using System.Text.Json;

namespace Sisa;

/// <summary>Names of enumerations as recipes, JSON and the command line write them: <c>mean-probability</c>.</summary>
/// <remarks>Pure and thread-safe.</remarks>
public static class KebabName
{
    /// <summary>The rule: words in lower case, joined by hyphens.</summary>
    public static JsonNamingPolicy Policy => JsonNamingPolicy.KebabCaseLower;

    /// <summary>The name of a value.</summary>
    /// <param name="value">A declared value.</param>
    public static string Of<T>(T value)
        where T : struct, Enum => Policy.ConvertName(value.ToString());

    /// <summary>Every value by its name, in the order of declaration.</summary>
    public static IReadOnlyDictionary<string, T> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(Of, StringComparer.Ordinal);
}
