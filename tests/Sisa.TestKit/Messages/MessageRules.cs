using System.Text.RegularExpressions;

namespace Sisa.TestKit.Messages;

/// <summary>What every message to a person keeps to: whole sentences, one is singular, and no words of the runtime or of a library.</summary>
public static partial class MessageRules
{
    private static readonly string[] Foreign =
    [
        "BadDataFound", "BytePositionInLine", "CsvHelper", "Could not find file", "Access to the path", "Exception", "JSON deserialization", "LineNumber:", "Microsoft.", "Object reference",
        "Parquet.Net", "(Parameter '", "SQLite Error", "System.", "The given key", "The input string", "YamlDotNet", "c10::", "could not be converted to", "was not present in the dictionary",
    ];

    /// <summary>The rules that a message breaks.</summary>
    /// <param name="message">The message.</param>
    public static IReadOnlyList<string> Broken(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var text = InQuotes().Replace(message, "'x'");
        return
        [
            .. Foreign.Where(word => text.Contains(word, StringComparison.Ordinal)).Select(word => $"the words of a library or of the runtime ({word})"),
            .. new[]
            {
                (text.TrimEnd() is not [.., '.' or '?' or '`'] && !Command().IsMatch(text), "no full stop at its end"),
                (DoubleStop().IsMatch(text), "two full stops"),
                (text.Contains(" .", StringComparison.Ordinal) && !text.Contains(" .{", StringComparison.Ordinal) && StraySpace().IsMatch(text), "a space before a full stop"),
                (OneAsMany().IsMatch(text), "one of something, in the plural"),
                (ManyAsOne().IsMatch(text), "many of something, in the singular"),
            }.Where(rule => rule.Item1).Select(rule => rule.Item2),
        ];
    }

    private const string Counted = "(item|row|line|record|shard|subject|request|file|stage|slice|epoch|visit|token|text|span|checkpoint|certificate|fault|column|class|cell|byte|page|feature|label|tensor|key|model|step|name)";

    [GeneratedRegex("(?<!\\w)'[^']*'(?!\\w)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex InQuotes();

    [GeneratedRegex(@"[^.…]\.\.(\s|$)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex DoubleStop();

    // A command line at the end of a hint is copied as it stands.
    [GeneratedRegex(@": (jq|gzip|iconv) \S.*$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Command();

    [GeneratedRegex(@"\s\.(\s|$)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex StraySpace();

    [GeneratedRegex(@"(?<![\d.,×:/#-]\s?)(?<!\w)1 " + Counted + @"(s|es)\b", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex OneAsMany();

    [GeneratedRegex(@"(?<![\w.,:/#-])(0|[2-9]|[1-9]\d+) " + Counted + @"\b(?!\w| id\b| ids\b)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex ManyAsOne();
}
