using System.Text.Json;

namespace Sisa;

/// <summary>Describes a JSON value for messages.</summary>
/// <remarks>Pure.</remarks>
public static class JsonShown
{
    private const int MaxShown = 60;

    /// <summary>An object or a list by its kind, every other value as it is written: <c>a list</c>, <c>"gelu"</c>, <c>3</c>.</summary>
    /// <param name="value">The value; what is longer than 60 characters is cut.</param>
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => Cut(value.GetRawText()),
    };

    // Never within a character of two halves.
    private static string Cut(string text) => text.Length <= MaxShown ? text : $"{text[..(char.IsHighSurrogate(text[MaxShown - 1]) ? MaxShown - 1 : MaxShown)]}…";
}
