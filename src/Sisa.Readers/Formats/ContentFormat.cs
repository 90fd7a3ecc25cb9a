using System.Text.Json;
using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>Settles a file's format by the recipe, the file's name, and how the file begins.</summary>
/// <remarks>A file that is read in another format than its own gives wrong values without a word. So JSON lines and Parquet are known by their beginning, a name that tells a format
/// counts more than the recipe, and a recipe that says plain text, which anything can be taken for, is contradicted rather than overruled.</remarks>
internal static class ContentFormat
{
    private const int HeadBytes = 64 * 1024;

    /// <summary>Settles the format.</summary>
    /// <param name="options">The recipe's part.</param>
    /// <param name="file">The file; it can be read from its beginning afterwards.</param>
    /// <exception cref="CorpusException">The recipe says plain text, and the file's name another format; or neither says anything.</exception>
    public static CorpusFormat Settle(CorpusOptions options, CorpusFile file)
    {
        var said = CorpusFile.FormatOf(options, file.Name);
        var named = CorpusFile.NamedFormat(file.Name);
        if (said == CorpusFormat.Text)
        {
            return options.Format is null || named is null || named == CorpusFormat.Text || CorpusFile.WithoutGzip(file.Name).EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                ? said
                : throw new CorpusException(
                    $"The recipe has corpus.format: text, and the file's name says {named}.",
                    "Name the file .txt if each of its lines is one text; otherwise convert it.",
                    file.Name);
        }

        var seen = Seen(file.Peek(HeadBytes).Span);
        return seen ?? (named is { } other && other != CorpusFormat.Text ? other : said);
    }

    private static CorpusFormat? Seen(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PAR1"u8))
        {
            return CorpusFormat.Parquet;
        }

        head = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        head = head.TrimStart(" \t\r\n"u8);
        var isArray = head.StartsWith("["u8);
        return IsObject(isArray ? head[1..].TrimStart(" \t\r\n"u8) : head, isArray) ? CorpusFormat.Jsonl : null;
    }

    // One line that is an object as a whole, or as far as it was looked at. Of an array the first element is enough: its reader refuses it with a word on what to do.
    private static bool IsObject(ReadOnlySpan<byte> text, bool isWithinArray)
    {
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        var reader = new Utf8JsonReader(line, isFinalBlock: end >= 0 && !isWithinArray, default);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
            {
                return false;
            }

            while (reader.Read())
            {
                if (isWithinArray && reader.CurrentDepth == 0)
                {
                    return true;
                }
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
