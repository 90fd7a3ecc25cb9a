using System.Text;
using System.Text.Json;

namespace Sisa.Readers.Lists;

/// <summary>A list in JSON: objects, one a line or in an array; or an array of names, where the command line says what they name.</summary>
/// <param name="path">Path of the file.</param>
/// <param name="columns">The meanings of keys.</param>
/// <param name="reading">How to understand the list.</param>
/// <param name="onFault">Told of every line that is wrong; may throw.</param>
internal sealed class JsonList(string path, ListColumns columns, ListReading reading, Action<CorpusException> onFault)
{
    private const string Example = "Write objects such as {\"subject\": \"alice\"}, one a line or in an array.";

    private readonly ListHeader _header = new(path, columns, reading.Of);

    /// <summary>Reads objects, one a line.</summary>
    /// <param name="text">The text.</param>
    public IEnumerable<ListRow> Lines(string text)
    {
        var number = 0L;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Line(line, number);
            }
        }
    }

    /// <summary>Reads an array.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="CorpusException">It is no array, or one of names that the command line says nothing about.</exception>
    public IReadOnlyList<ListRow> Array(string text)
    {
        var rows = new List<ListRow>();
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var line = 1 + bytes.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n');
                var element = JsonElement.ParseValue(ref reader);
                RequireMeaning(element, line);
                rows.Add(Row(element, line));
            }

            // Reads on, so that what follows the array is a fault.
            reader.Read();
            return rows;
        }
        catch (JsonException e)
        {
            throw new CorpusException(
                $"The list begins with '[' and is not a complete JSON array: it ends after {Counted.Of((e.BytePositionInLine ?? 0) + 1, "byte")} of this line.",
                $"{Example} A name that begins with '[' can stand below a header.",
                path,
                1 + (e.LineNumber ?? 0),
                e);
        }
    }

    private ListRow Line(string line, long number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return Row(document.RootElement, number);
        }
        catch (JsonException e)
        {
            onFault(new CorpusException($"The line is not a complete JSON object: it ends after {Counted.Of((e.BytePositionInLine ?? 0) + 1, "byte")}.", Example, path, number, e));
            return new ListRow(number, null);
        }
    }

    private ListRow Row(JsonElement element, long line)
    {
        try
        {
            return new ListRow(line, element.ValueKind == JsonValueKind.Object ? Object(element, line) : Name(element, line));
        }
        catch (InvalidOperationException e)
        {
            onFault(new CorpusException("A text holds half of a surrogate pair, which is not a character.", "Write the text without '\\u' escapes.", path, line, e));
        }
        catch (CorpusException e)
        {
            onFault(e);
        }

        return new ListRow(line, null);
    }

    private Dictionary<ListRole, string?> Object(JsonElement element, long line)
    {
        JsonProperty[] properties = [.. element.EnumerateObject()];
        var roles = _header.Check([.. properties.Select(p => p.Name)], line, "Key");
        return roles.Zip(properties).ToDictionary(p => p.First, p => Value(p.Second.Value, line));
    }

    private Dictionary<ListRole, string?> Name(JsonElement element, long line)
    {
        if (element.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
        {
            throw new CorpusException($"The list holds {JsonShown.Of(element)}, expected an object.", Example, path, line);
        }

        RequireMeaning(element, line);
        return new() { [reading.Of == ListKind.Subjects ? ListRole.Subject : ListRole.Item] = Value(element, line) };
    }

    // No fault of one line: the whole list does not say it.
    private void RequireMeaning(JsonElement element, long line)
    {
        if (reading.Of is null && element.ValueKind is (JsonValueKind.String or JsonValueKind.Number))
        {
            throw new CorpusException($"The list holds bare names, such as '{Value(element, line)}', and does not say what they name.", $"Say {Step.ListOf.With("items")} or {Step.ListOf.With("subjects")}. {Example}", path, line);
        }
    }

    private string? Value(JsonElement value, long line) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => null,
        JsonValueKind.Object or JsonValueKind.Array => throw new CorpusException($"A member holds {JsonShown.Of(value)}, expected one value.", Example, path, line),
        _ => value.GetRawText(),
    };
}
