using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sisa;

/// <summary>Why something could not be read or written, in the project's words instead of those of the runtime or the operating system.</summary>
/// <remarks>Pure, thread-safe.</remarks>
public static partial class PlainReason
{
    private const int LargestNumber = 4095;

    /// <summary>The reason, as the second half of a sentence without its full stop: <c>permission denied</c>.</summary>
    /// <param name="cause">The exception. The words of the project's own exceptions are kept.</param>
    public static string Of(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return cause switch
        {
            _ when IsOwn(cause) => Continued(cause.Message.TrimEnd('.')),
            FileNotFoundException => "there is no such file",
            DirectoryNotFoundException => "a folder of its path does not exist",
            UnauthorizedAccessException => "permission denied",
            PathTooLongException => "the path is too long",
            EndOfStreamException => "it ends too early",
            JsonException json => OfJson(json),
            DecoderFallbackException => "it is not valid UTF-8",
            OverflowException => "a number is too large",
            KeyNotFoundException when Quoted(cause) is { } name => $"the member '{name}' is missing",
            // Where the runtime has no exception of its own, it keeps the system's number.
            IOException when cause.HResult is > 0 and <= LargestNumber => OfNumber(cause.HResult),
            FormatException or ArgumentException or InvalidOperationException or NotSupportedException or KeyNotFoundException => "a part of it does not have the expected form",
            _ => LowerFirst(FirstSentence(cause.Message)),
        };
    }

    /// <summary>The reason that a number of the operating system stands for (errno): <c>no space left on device</c>.</summary>
    /// <param name="number">The number.</param>
    public static string OfNumber(int number) => LowerFirst(Marshal.GetPInvokeErrorMessage(number));

    // By its type: the assembly that threw (Exception.Source) is another one as soon as the compiler moves a method of the runtime into its caller.
    private static bool IsOwn(Exception cause) => cause is SisaException or MalformedException or MalformedJsonException;

    private static string OfJson(JsonException fault)
    {
        var line = (fault.LineNumber ?? 0) + 1;
        var at = (fault.BytePositionInLine ?? 0) + 1;
        var missing = fault.Message.IndexOf("including: ", StringComparison.Ordinal);
        return missing >= 0 ? $"it lacks {string.Join(", ", InQuotes().Matches(fault.Message[missing..]).Select(m => m.Value))}"
            : fault.Message.Contains("could not be mapped", StringComparison.Ordinal) && Quoted(fault) is { } name ? $"the member '{name}' is unknown"
            : fault is not { Path: { } path, InnerException: not JsonException } ? $"it is not JSON at line {line}, byte {at}"
            : path == "$" ? "its value is of another kind than expected"
            : $"the value at {path} is of another kind than expected";
    }

    private static string? Quoted(Exception fault) => InQuotes().Match(fault.Message) is { Success: true } match ? match.Groups["name"].Value : null;

    private static string FirstSentence(string message)
    {
        var line = message.Split('\n')[0].Trim();
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }

    // A path or an id that begins the sentence keeps its capital.
    private static string Continued(string text) => text.Split(' ')[0] is "The" or "A" or "An" or "It" or "Its" or "This" or "No" or "Not" ? LowerFirst(text) : text;

    private static string LowerFirst(string text) =>
        text.Length > 1 && char.IsUpper(text[0]) && !char.IsUpper(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex InQuotes();
}
