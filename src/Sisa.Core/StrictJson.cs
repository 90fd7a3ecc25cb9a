using System.Text.Json;

namespace Sisa;

/// <summary>Reads untrusted JSON into values without missing members.</summary>
/// <remarks>Pure. Types say which members may be absent, and <see cref="JsonSerializerOptions.RespectNullableAnnotations"/> enforces it, but not for what lies in lists, and not for
/// numbers beyond every <see cref="double"/>, which cannot be written again. Only types that are named in the code are ever made.</remarks>
public static class StrictJson
{
    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="utf8">The JSON text.</param>
    /// <param name="options">How names and enumerations are written.</param>
    /// <exception cref="JsonException">It is not such a value, or has a hole.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, JsonSerializerOptions options)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        RefuseHoles(utf8, options.MaxDepth);
        try
        {
            return JsonSerializer.Deserialize<T>(utf8, options) ?? throw new MalformedJsonException("it is 'null'");
        }
        catch (Exception e) when (e is NotSupportedException or FormatException)
        {
            // The serializer's messages for a missing kind of variant and for invalid base64.
            throw new MalformedJsonException(PlainReason.Of(e), e);
        }
    }

    private static void RefuseHoles(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        var isInList = new Stack<bool>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    isInList.Push(reader.TokenType == JsonTokenType.StartArray);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    isInList.Pop();
                    break;
                case JsonTokenType.Null when isInList.TryPeek(out var inner) && inner:
                    throw new MalformedJsonException($"a list holds 'null' at byte {reader.TokenStartIndex}");
                case JsonTokenType.Number when reader.TryGetDouble(out var number) && !double.IsFinite(number):
                    throw new MalformedJsonException($"the number at byte {reader.TokenStartIndex} is too large");
            }
        }
    }
}
