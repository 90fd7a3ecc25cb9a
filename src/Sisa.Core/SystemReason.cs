using System.Runtime.InteropServices;

namespace Sisa;

/// <summary>Why the operating system refused to open, read or write a file, without the words of the runtime.</summary>
/// <remarks>Pure, thread-safe.</remarks>
public static class SystemReason
{
    private const int LargestNumber = 4095;

    /// <summary>The reason, as the second half of a sentence: <c>permission denied</c>.</summary>
    /// <param name="cause">What the runtime threw.</param>
    public static string Of(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return cause switch
        {
            FileNotFoundException => "there is no such file",
            DirectoryNotFoundException => "a folder of its path does not exist",
            UnauthorizedAccessException => "permission denied",
            PathTooLongException => "the path is too long",
            EndOfStreamException => "it ends too early",

            // Where the runtime has no exception of its own, it keeps the system's number.
            IOException when cause.HResult is > 0 and <= LargestNumber => LowerFirst(Marshal.GetPInvokeErrorMessage(cause.HResult)),
            _ => LowerFirst(FirstSentence(cause.Message)),
        };
    }

    private static string FirstSentence(string message)
    {
        var line = message.Split('\n')[0].Trim();
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }

    private static string LowerFirst(string text) =>
        text.Length > 1 && char.IsUpper(text[0]) && !char.IsUpper(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
