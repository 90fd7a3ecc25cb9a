using System.CommandLine;
using System.Text;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary><c>--head FILE</c>: a kept head of the evidence log.</summary>
internal static class HeadOption
{
    public static Option<string?> Head { get; } = new("--head")
    {
        Description = "A signed head of the evidence log that you kept ('evidence/checkpoint'). Checks that the log still begins with all the entries that it covers.",
        HelpName = "FILE",
    };

    /// <summary>The head, where one is named.</summary>
    public static KeptHead? Of(ParseResult parse) => parse.GetValue(Head) is { } file ? new KeptHead(file, Encoding.UTF8.GetString(ForeignFile.Read(file, SignedNote.MaxLength))) : null;
}
