using System.CommandLine;
using System.Text;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>--head FILE</c>: whether a head of the evidence log that somebody kept is one of this very log.</summary>
/// <remarks>The one thing that notices when a whole store was put back, its log included.</remarks>
internal static class HeadCheck
{
    public static Option<string?> Head { get; } = new("--head")
    {
        Description = "A signed head of the evidence log that you kept ('evidence/checkpoint'): checks that the log still begins with everything that it covers.",
        HelpName = "FILE",
    };

    /// <summary>What is wrong; empty when nothing is, or no head is named.</summary>
    public static IReadOnlyList<string> Faults(ParseResult parse, LogHistory log, IReadOnlyList<string> keys)
    {
        if (parse.GetValue(Head) is not { } file)
        {
            return [];
        }

        return Open(Encoding.UTF8.GetString(ForeignFile.Read(file, SignedNote.MaxLength)), keys) is not { } head ? [$"The head in {file} is not signed by a key of this log."]
            : log.BeginsWith(head) ? []
            : [$"The log has {Counted.Of(log.Count, "entry", "entries")} and does not begin with the {head.Size} that the head in {file} covers: it went backwards, or is another one."];
    }

    /// <summary>Reads a signed head, where one of the keys has signed it.</summary>
    public static LogCheckpoint? Open(string note, IReadOnlyList<string> keys)
    {
        var signed = SignedNote.Parse(note);
        foreach (var path in keys)
        {
            using var key = KeyFile.ReadPublic(path);
            if (LogCheckpoint.Open(signed, key) is { } head)
            {
                return head;
            }
        }

        return null;
    }
}
