using System.Text.Json;
using Sisa.Readers.Formats;

namespace Sisa.Readers.Inspection;

/// <summary>Refuses files that are one JSON value, or objects over several lines, and says how they become one object a line.</summary>
internal static class JsonDocumentCheck
{
    /// <summary>As much of a document as is looked at.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    private static readonly JsonReaderOptions _options = new() { MaxDepth = 64 };

    /// <summary>Checks a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxLineBytes">Longest line that is read.</param>
    /// <exception cref="CorpusException">The file is not JSON lines, and its form is known.</exception>
    public static void Check(string path, int maxLineBytes)
    {
        using (var file = CorpusFile.Open(path))
        using (var lines = new LineReader(file.Content, maxLineBytes))
        {
            while (lines.Next())
            {
                var line = lines.Current.Trim(" \t\r"u8);
                if (line.IsEmpty && !lines.IsTooLong)
                {
                    continue;
                }

                if (!lines.IsTooLong && line[0] is not ((byte)'[' or (byte)'{'))
                {
                    return;
                }

                if (!lines.IsTooLong && line[0] == '{' && IsWhole(line) && !IsAlone(line, lines))
                {
                    return;
                }

                break;
            }
        }

        Refuse(path);
    }

    private static bool IsWhole(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line, _options);
            reader.Read();
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether the line is the only one and all of its fields are nested: a document, not a row.</summary>
    private static bool IsAlone(ReadOnlySpan<byte> line, LineReader lines)
    {
        var keys = Shape(line, isWhole: true, out _);
        var isAlone = keys is { Count: > 0 } && keys.TrueForAll(key => key.Kind != Kind.Plain);
        while (isAlone && lines.Next())
        {
            isAlone = lines.Current.IndexOfAnyExcept(" \t\r"u8) < 0 && !lines.IsTooLong;
        }

        return isAlone;
    }

    private static void Refuse(string path)
    {
        using var file = CorpusFile.Open(path);
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while (content.Length < MaxBytes && (read = file.Content.Read(buffer)) > 0)
        {
            content.Write(buffer, 0, read);
        }

        var isWhole = content.Length < MaxBytes;
        var bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        bytes = bytes[(bytes.StartsWith("\uFEFF"u8) ? 3 : 0)..].TrimStart(" \t\r\n"u8);
        if (bytes.StartsWith("["u8))
        {
            var element = bytes[1..].TrimStart(" \t\r\n"u8);
            throw new CorpusException(
                "The file holds a JSON array, expected one object a line.",
                element.StartsWith("["u8) ? $"Turn its lists into objects: {NestedField.Jq($".[] | {Cells(CountCells(element))}", file.IsGzip)}"
                : file.IsGzip ? "Turn a JSON array into lines with 'gzip -dc FILE | jq -c .[]'." : "Turn a JSON array into lines with 'jq -c .[] FILE'.",
                path);
        }

        if (Shape(bytes, isWhole, out var isFollowed) is not { } keys)
        {
            // Not JSON at all: the scan of the rows says which line is wrong.
            return;
        }

        if (isFollowed)
        {
            throw new CorpusException("The file holds JSON objects over several lines each, expected one object a line.", $"Put each on one line: {NestedField.Jq(".", file.IsGzip)}", path);
        }

        var listed = string.Join(", ", keys.Take(10).Select(key => $"{RowFault.Quote(key.Name)} ({Describe(key.Kind)})")) + (keys.Count > 10 ? $" and {keys.Count - 10} more" : string.Empty);
        throw new CorpusException($"The file is one JSON document with the keys {listed}, expected one object a line.", Remedy(keys, file.IsGzip), path);
    }

    private static string Remedy(List<Key> keys, bool isGzip)
    {
        var lists = keys.Where(key => key.Kind is Kind.Objects or Kind.Lists).ToList();
        if ((lists.Find(key => key.Name is "train" or "data" or "rows" or "items" or "records") ?? lists.FirstOrDefault()) is { } list)
        {
            var rows = NestedField.JqPath(list.Name) + "[]" + (list.Kind == Kind.Lists ? $" | {Cells(list.Cells)}" : string.Empty);
            return $"Turn the list {RowFault.Quote(list.Name)} into lines{(lists.Count > 1 ? ", and others alike, each into a file of its own" : string.Empty)}: {NestedField.Jq(rows, isGzip)}";
        }

        if (keys.Count > 1 && keys.TrueForAll(key => key.Kind == Kind.Values))
        {
            return $"Each key is a column. Turn them into rows: {NestedField.Jq("to_entries as $c | range($c[0].value | length) as $i | [$c[] | {key: .key, value: .value[$i]}] | from_entries", isGzip)}";
        }

        if (keys.Count > 1 && keys.TrueForAll(key => key.Kind == Kind.Object && !key.IsRecord))
        {
            return $"Each key is a column, as pandas writes it. Turn them into rows: {NestedField.Jq("to_entries as $c | ($c[0].value | keys_unsorted[]) as $k | [$c[] | {key: .key, value: .value[$k]}] | from_entries", isGzip)}";
        }

        return keys.Exists(key => key.Kind == Kind.Object) && keys.TrueForAll(key => key.Kind == Kind.Object)
            ? $"Each key is a row. Turn them into lines: {NestedField.Jq("to_entries[] | {id: .key} + .value", isGzip)}"
            : "Write one object a line, for instance with 'jq -c'. Only you can tell which part of the document holds the rows.";
    }

    private static string Cells(int count) => "{" + string.Join(", ", Enumerable.Range(0, Math.Clamp(count, 1, 100)).Select(i => $"c{i + 1}: .[{i}]")) + "}";

    private static int CountCells(ReadOnlySpan<byte> list)
    {
        var reader = new Utf8JsonReader(list, isFinalBlock: false, new JsonReaderState(_options));
        var cells = 0;
        try
        {
            for (reader.Read(); reader.Read() && reader.CurrentDepth > 0;)
            {
                cells++;
                if (!reader.TrySkip())
                {
                    break;
                }
            }
        }
        catch (JsonException)
        {
            return cells;
        }

        return cells;
    }

    /// <summary>The keys of the object that begins here, or <see langword="null"/> if it is not JSON.</summary>
    private static List<Key>? Shape(ReadOnlySpan<byte> bytes, bool isWhole, out bool isFollowed)
    {
        isFollowed = false;
        var keys = new List<Key>();
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, new JsonReaderState(_options));
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                var value = bytes[(int)reader.BytesConsumed..].TrimStart(" \t\r\n:"u8);
                if (!reader.Read())
                {
                    break;
                }

                keys.Add(new Key(name, KindOf(value), KindOf(value) == Kind.Lists ? CountCells(value[1..].TrimStart(" \t\r\n"u8)) : 0, IsRecord(value)));
                if (!reader.TrySkip())
                {
                    break;
                }
            }

            if (reader.CurrentDepth == 0 && reader.TokenType == JsonTokenType.EndObject)
            {
                isFollowed = bytes[(int)reader.BytesConsumed..].TrimStart(" \t\r\n"u8).StartsWith("{"u8);
            }
            else if (isWhole)
            {
                return null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }

        return keys;
    }

    private static Kind KindOf(ReadOnlySpan<byte> value) => value switch
    {
        [(byte)'{', ..] => Kind.Object,
        [(byte)'[', .. var rest] => rest.TrimStart(" \t\r\n"u8) switch
        {
            [(byte)'{', ..] => Kind.Objects,
            [(byte)'[', ..] => Kind.Lists,
            _ => Kind.Values,
        },
        _ => Kind.Plain,
    };

    /// <summary>Whether the keys of an object are names of fields, not row numbers.</summary>
    private static bool IsRecord(ReadOnlySpan<byte> value) =>
        value.StartsWith("{"u8) && value[1..].TrimStart(" \t\r\n"u8) is var inner && !(inner.Length > 1 && inner[0] == '"' && inner[1] is >= (byte)'0' and <= (byte)'9');

    private static string Describe(Kind kind) => kind switch
    {
        Kind.Objects => "a list of objects",
        Kind.Lists => "a list of lists",
        Kind.Values => "a list of values",
        Kind.Object => "an object",
        _ => "a value",
    };

    private enum Kind
    {
        Plain,
        Object,
        Objects,
        Lists,
        Values,
    }

    private sealed record Key(string Name, Kind Kind, int Cells, bool IsRecord);
}
