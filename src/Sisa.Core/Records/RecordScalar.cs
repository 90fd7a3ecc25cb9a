using System.Collections.Concurrent;
using System.Text.Json;
using Sisa.Corpora;
using Sisa.Sharding;

namespace Sisa.Records;

/// <summary>Values that are no records: numbers, texts, enumerations, digests, identifiers; and what lists and dictionaries hold.</summary>
/// <remarks>Thread-safe.</remarks>
internal static class RecordScalar
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyDictionary<string, object>> Enumerations = new();

    /// <summary>Writes a scalar.</summary>
    /// <returns>Whether it was one.</returns>
    public static bool TryWrite(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case bool flag:
                writer.WriteBooleanValue(flag);
                return true;
            case int number:
                writer.WriteNumberValue(number);
                return true;
            case long number:
                writer.WriteNumberValue(number);
                return true;
            case ulong number:
                writer.WriteNumberValue(number);
                return true;
            case double number:
                writer.WriteNumberValue(number);
                return true;
            case Enum name:
                writer.WriteStringValue(KebabName.Policy.ConvertName(name.ToString()));
                return true;
            case DateTimeOffset moment:
                writer.WriteStringValue(moment);
                return true;
            case Digest digest:
                Span<byte> hex = stackalloc byte[Digest.SizeBytes * 2];
                digest.CopyHexTo(hex);
                writer.WriteStringValue(hex);
                return true;
            case CorpusFormat format:
                writer.WriteStringValue(format.Name);
                return true;
            case ShardId shard:
                writer.WriteNumberValue(shard.Value);
                return true;
            case SliceIndex slice:
                writer.WriteNumberValue(slice.Value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads a scalar.</summary>
    /// <returns>The value, or <see langword="null"/> if the type is no scalar's.</returns>
    /// <exception cref="JsonException">The type is a scalar's, and this is none of it.</exception>
    public static object? TryRead(JsonElement json, Type type, string path)
    {
        if (type == typeof(string))
        {
            return Text(json, path);
        }

        if (type == typeof(bool))
        {
            return json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : throw Unfit(json, type, path);
        }

        if (type.IsEnum)
        {
            var name = Text(json, path);
            return Enumerations.GetOrAdd(type, NamesOf).TryGetValue(name, out var value) ? value : throw new MalformedJsonException($"{path} is '{name}', which is none of {string.Join(", ", NamesOf(type).Keys)}");
        }

        if (type == typeof(Digest) || type == typeof(CorpusFormat))
        {
            try
            {
                return type == typeof(Digest) ? Digest.Parse(Text(json, path)) : CorpusFormat.Named(Text(json, path));
            }
            catch (FormatException e)
            {
                throw new MalformedJsonException($"{path}: {PlainReason.Of(e)}.", e);
            }
        }

        if (type == typeof(DateTimeOffset))
        {
            return json.ValueKind == JsonValueKind.String && json.TryGetDateTimeOffset(out var moment) ? moment : throw Unfit(json, type, path);
        }

        return Number(json, type, path);
    }

    /// <summary>Type of a list's items; <see langword="null"/> for other types.</summary>
    public static Type? ElementOf(Type type) => type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() is var generic && (generic == typeof(IReadOnlyList<>) || generic == typeof(List<>)) ? type.GetGenericArguments()[0]
        : null;

    /// <summary>Type of a dictionary's values; <see langword="null"/> for other types.</summary>
    public static Type? NamedOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && type.GetGenericArguments() is [var key, var value] && key == typeof(string) ? value : null;

    private static object? Number(JsonElement json, Type type, string path)
    {
        object? number = type switch
        {
            _ when type == typeof(int) => Int32(json),
            _ when type == typeof(ShardId) => Int32(json) is { } shard ? new ShardId(shard) : null,
            _ when type == typeof(SliceIndex) => Int32(json) is { } slice ? new SliceIndex(slice) : null,
            _ when type == typeof(long) => json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var value) ? value : null,
            _ when type == typeof(ulong) => json.ValueKind == JsonValueKind.Number && json.TryGetUInt64(out var value) ? value : null,

            // A number beyond the range of a double could not be written again.
            _ when type == typeof(double) => json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var value) && double.IsFinite(value) ? value : null,
            _ => type,
        };
        return number switch
        {
            null => throw Unfit(json, type, path),
            Type => null,
            _ => number,
        };
    }

    private static int? Int32(JsonElement json) => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var value) ? value : null;

    private static string Text(JsonElement json, string path) => json.ValueKind == JsonValueKind.String ? json.GetString()! : throw Unfit(json, typeof(string), path);

    private static Dictionary<string, object> NamesOf(Type type) => Enum.GetNames(type).ToDictionary(KebabName.Policy.ConvertName, name => Enum.Parse(type, name), StringComparer.Ordinal);

    private static MalformedJsonException Unfit(JsonElement json, Type type, string path) => new($"{path} is {JsonShown.Of(json)}, expected {Expected(type)}");

    private static string Expected(Type type) => type == typeof(string) ? "a text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(double) || type == typeof(float) ? "a smaller number"
        : type == typeof(DateTimeOffset) ? "a moment"
        : "a whole number";
}
