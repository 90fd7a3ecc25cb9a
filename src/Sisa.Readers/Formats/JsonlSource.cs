using System.Text.Json;
using System.Text.Unicode;
using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>JSON lines: one object a line; blank lines are passed over.</summary>
internal sealed class JsonlSource : IRowSource
{
    /// <summary>Bytes that a line may hold besides its longest field.</summary>
    private const int LineSlackBytes = 1024 * 1024;

    /// <summary>Characters of a malformed line that a message repeats.</summary>
    private const int MalformedShownBytes = 20;

    private static readonly JsonReaderOptions _strict = new() { MaxDepth = 64 };

    private readonly LineReader _lines;
    private readonly Utf8Lookup _names;
    private readonly Guess[] _guesses = new Guess[256];
    private readonly int _maxLineBytes;

    /// <summary>Creates the source.</summary>
    /// <param name="stream">The content; owned from now on.</param>
    /// <param name="map">The mapped fields.</param>
    /// <param name="options">The limits.</param>
    public JsonlSource(Stream stream, FieldMap map, CorpusOptions options)
    {
        _maxLineBytes = (int)Math.Min((long)options.MaxFieldBytes + LineSlackBytes, Array.MaxLength / 2);
        _lines = new LineReader(stream, _maxLineBytes);
        _names = new Utf8Lookup(map.Names);
    }

    /// <inheritdoc/>
    public bool Next(FieldRow row)
    {
        while (_lines.Next())
        {
            if (!_lines.IsTooLong && _lines.Current.IndexOfAnyExcept(" \t\r"u8) < 0)
            {
                continue;
            }

            row.Clear(_lines.Line, _lines.Line);
            row.Fault = _lines.IsTooLong ? RowFault.TooLong("The line", _maxLineBytes) : Parse(row);
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private RowFault? Parse(FieldRow row)
    {
        if (!Utf8.IsValid(_lines.Current))
        {
            return RowFault.InvalidUtf8("The line");
        }

        try
        {
            var reader = new Utf8JsonReader(_lines.Current, _strict);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return new RowFault(
                    $"The line holds a JSON {Name(reader.TokenType)}, expected one object a line.",
                    "Turn a JSON array into lines with 'jq -c .[] FILE'.",
                    RowFaultReason.Form);
            }

            for (var ordinal = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; ordinal++)
            {
                var slot = SlotOf(ref reader, ordinal);
                reader.Read();
                if (slot < 0)
                {
                    reader.Skip();
                    continue;
                }

                if (row.IsPresent(slot))
                {
                    return new RowFault($"Field '{row.Map.Names[slot]}' occurs twice.", "Remove one of them.", RowFaultReason.Form);
                }

                Take(ref reader, row, slot);
            }

            // One more read sees anything behind the object, and throws.
            reader.Read();
            return null;
        }
        catch (JsonException e)
        {
            return Malformed(e.BytePositionInLine ?? 0);
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader refuses to unescape half a surrogate pair this way.
            return new RowFault("A text holds half of a surrogate pair (\\ud800 to \\udfff).", "Correct the escape sequences of the line.", RowFaultReason.Form);
        }
    }

    private void Take(ref Utf8JsonReader reader, FieldRow row, int slot)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when !reader.ValueIsEscaped:
                row.Set(slot, FieldKind.Text, _lines.Buffer, _lines.Start + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                break;
            case JsonTokenType.String:
                row.SetReserved(slot, FieldKind.Text, reader.CopyString(row.Reserve(reader.ValueSpan.Length)));
                break;
            case JsonTokenType.Number:
                row.Set(slot, FieldKind.Number, _lines.Buffer, _lines.Start + (int)reader.TokenStartIndex, reader.ValueSpan.Length);
                break;
            case JsonTokenType.True:
            case JsonTokenType.False:
                row.Set(slot, reader.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.StartArray when slot == row.Map.Vector:
                row.Set(slot, TakeVector(ref reader, row) ? FieldKind.Vector : FieldKind.Nested);
                break;
            case JsonTokenType.StartArray:
            case JsonTokenType.StartObject:
                reader.Skip();
                row.Set(slot, FieldKind.Nested);
                break;
            default:
                row.Set(slot, FieldKind.Missing);
                break;
        }
    }

    private static bool TakeVector(ref Utf8JsonReader reader, FieldRow row)
    {
        var onlyNumbers = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value))
            {
                row.AddToVector(value);
            }
            else
            {
                onlyNumbers = false;
                reader.Skip();
            }
        }

        return onlyNumbers;
    }

    /// <summary>Rows of one file mostly name their fields in one order: the slot at the same place of the row before is tried first.</summary>
    private int SlotOf(ref Utf8JsonReader reader, int ordinal)
    {
        if (reader.ValueIsEscaped)
        {
            Span<byte> unescaped = reader.ValueSpan.Length <= 512 ? stackalloc byte[512] : new byte[reader.ValueSpan.Length];
            return _names.Find(unescaped[..reader.CopyString(unescaped)]);
        }

        var name = reader.ValueSpan;
        if (ordinal >= _guesses.Length)
        {
            return _names.Find(name);
        }

        ref var guess = ref _guesses[ordinal];
        if (guess.Name is not null && name.SequenceEqual(guess.Name))
        {
            return guess.Slot;
        }

        var slot = _names.Find(name);
        if (slot >= 0)
        {
            guess = new Guess(_names[slot], slot);
        }
        else if (guess.Name is null && name.Length <= 256)
        {
            guess = new Guess(name.ToArray(), slot);
        }

        return slot;
    }

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "array",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "truth value",
    };

    // The parser's own words are for programmers; where it stopped and at what is what the owner of a file can use.
    private RowFault Malformed(long at)
    {
        var line = _lines.Current;
        var found = at >= line.TrimEnd(" \t\r"u8).Length ? "the line ends before its object ends" : $"unexpected {RowFault.Quote(line[(int)at..Math.Min(line.Length, (int)at + MalformedShownBytes)])}";
        return new RowFault($"Malformed JSON at byte {at + 1}: {found}.", "Correct the line. Every line must hold one complete JSON object.", RowFaultReason.Form);
    }

    private readonly record struct Guess(byte[]? Name, int Slot);
}
