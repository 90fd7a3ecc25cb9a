using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sisa.Records;

/// <summary>How records are written.</summary>
/// <param name="OmitsNulls">Whether members that are <see langword="null"/> are left out.</param>
/// <param name="Readable">Whether only what JSON demands is escaped, for people; never for a web page.</param>
public readonly record struct RecordStyle(bool OmitsNulls = false, bool Readable = false);

/// <summary>Records as JSON, and back, strictly: what every command reads before it does anything.</summary>
/// <remarks>
/// Writes the bytes that <see cref="JsonSerializer"/> writes under <see cref="Training.RecipeJson.Options"/>, as tests compare; but the serializer makes code for every type and every enumeration that it meets, which takes
/// longer than many a command, and this makes none. Members in declaration order, camel case, enumerations in kebab case, shortest round-trip numbers. Reading refuses unknown members, those that are
/// required and absent, and <see langword="null"/> wherever the type does not allow it, also in lists. Understands <c>required</c>, the attribute <c>JsonIgnore</c>,
/// the kinds of model that are registered, records, lists, dictionaries of names, numbers, texts, enumerations, <see cref="Digest"/> and the identifiers. Thread-safe.
/// </remarks>
public static class RecordJson
{
    /// <summary>Writes a value.</summary>
    /// <param name="value">A record, or a list of them.</param>
    /// <param name="style">Form of the JSON.</param>
    public static string Write(object value, RecordStyle style = default) => Encoding.UTF8.GetString(WriteUtf8(value, style));

    /// <summary>Writes a value in UTF-8.</summary>
    /// <param name="value">A record, or a list of them.</param>
    /// <param name="style">Form of the JSON.</param>
    public static byte[] WriteUtf8(object value, RecordStyle style = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = style.Readable ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping : null }))
        {
            Write(writer, value, value.GetType(), style);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Write(object, RecordStyle)"/> wrote.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="json">The JSON text.</param>
    /// <param name="style">How it was written: where nulls were left out, what may be null may be absent.</param>
    /// <exception cref="JsonException">Anything else; the message says where.</exception>
    public static T Read<T>(string json, RecordStyle style = default)
        where T : class
    {
        using var document = JsonDocument.Parse(json);
        try
        {
            return (T)Read(document.RootElement, typeof(T), "$", style);
        }
        catch (InvalidOperationException e)
        {
            // A text, or the name of a member, with half of a surrogate pair: it is no text.
            throw new MalformedJsonException("a text in it has half of a surrogate pair", e);
        }
    }

    /// <summary>Writes a value of a declared type.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The value.</param>
    /// <param name="declared">The type by which it is known, which decides on discriminators.</param>
    /// <param name="style">Form of the JSON.</param>
    internal static void Write(Utf8JsonWriter writer, object? value, Type declared, RecordStyle style)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            case IDictionary dictionary:
                WriteDictionary(writer, dictionary, style);
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                var element = RecordScalar.ElementOf(declared) ?? typeof(object);
                foreach (var item in list)
                {
                    Write(writer, item, element, style);
                }

                writer.WriteEndArray();
                break;
            default:
                if (!RecordScalar.TryWrite(writer, value))
                {
                    RecordShape.Of(value.GetType()).Write(writer, value, declared, style);
                }

                break;
        }
    }

    /// <summary>Reads a value of a declared type.</summary>
    /// <param name="json">The value.</param>
    /// <param name="declared">Its type, not a nullable one.</param>
    /// <param name="path">Where it stands, for messages.</param>
    /// <param name="style">How it was written.</param>
    internal static object Read(JsonElement json, Type declared, string path, RecordStyle style)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            throw new MalformedJsonException($"{path} is 'null'");
        }

        if (RecordScalar.TryRead(json, declared, path) is { } scalar)
        {
            return scalar;
        }

        if (RecordScalar.ElementOf(declared) is { } element)
        {
            Expect(json, JsonValueKind.Array, path);
            var list = Array.CreateInstance(element, json.GetArrayLength());
            var index = 0;
            foreach (var item in json.EnumerateArray())
            {
                list.SetValue(Read(item, element, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), style), index);
                index++;
            }

            return list;
        }

        Expect(json, JsonValueKind.Object, path);
        return RecordScalar.NamedOf(declared) is { } named ? ReadDictionary(json, named, path, style) : RecordShape.Of(declared).Read(json, path, style);
    }

    private static void Expect(JsonElement json, JsonValueKind kind, string path)
    {
        if (json.ValueKind != kind)
        {
            throw new MalformedJsonException($"{path} is {JsonShown.Of(json)}, expected {(kind == JsonValueKind.Object ? "an object" : "a list")}");
        }
    }

    private static void WriteDictionary(Utf8JsonWriter writer, IDictionary dictionary, RecordStyle style)
    {
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in dictionary)
        {
            writer.WritePropertyName((string)entry.Key);
            Write(writer, entry.Value, entry.Value?.GetType() ?? typeof(object), style);
        }

        writer.WriteEndObject();
    }

    private static IDictionary ReadDictionary(JsonElement json, Type named, string path, RecordStyle style)
    {
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), named), StringComparer.Ordinal)!;
        foreach (var member in json.EnumerateObject())
        {
            dictionary[member.Name] = Read(member.Value, named, $"{path}.{member.Name}", style);
        }

        return dictionary;
    }
}
