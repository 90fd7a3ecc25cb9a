using System.CommandLine;
using Sisa.Readers.Lists;

namespace Sisa.Cli.Terminal;

/// <summary>Options that say which rows of a corpus count; <c>ingest</c> and <c>verify</c> give them one meaning.</summary>
internal static class RowOptions
{
    public static Option<string?> Except { get; } = new("--except")
    {
        Description = "A list of items and subjects to leave out: JSON objects, or columns with a header (see '--list-of').",
        HelpName = "LIST",
    };

    public static Option<string> OnError { get; } = new Option<string>("--on-error")
    {
        Description = "Whether a bad row stops the command, or is skipped and reported.",
        DefaultValueFactory = _ => "fail",
    }.AcceptOnlyFromAmong("fail", "skip");

    /// <summary>Whether bad rows are skipped.</summary>
    public static bool Skips(ParseResult parse) => parse.GetValue(OnError) == "skip";

    /// <summary>Whether the command line names an option, instead of leaving it at its default.</summary>
    public static bool Names(ParseResult parse, Option option) => parse.GetResult(option) is { Implicit: false };

    /// <summary>Reads a list of items and subjects; empty where none is named.</summary>
    /// <remarks>The store does not hold the items that are left out, so it cannot tell what a list of bare names means.</remarks>
    /// <param name="path">Path of the list, or <see langword="null"/>.</param>
    /// <param name="reading">How to understand it.</param>
    /// <exception cref="CorpusException">It cannot be read, its form is not certain, or it names spans.</exception>
    public static TargetList ReadList(string? path, ListReading reading)
    {
        var list = path is null ? TargetList.Empty : TargetList.Read(path, reading);
        return list.Spans.Count == 0
            ? list
            : throw new CorpusException($"The list names {Figures.Count(list.Spans.Count, "span")}. Only items and subjects are allowed here.", "Remove the spans from the list.", path);
    }

    /// <summary>Reports skipped rows, up to a number that a person reads.</summary>
    public static Action<CorpusException> TellSkipped(Output output)
    {
        const int MaxShown = 20;
        var shown = 0L;
        return fault =>
        {
            if (++shown <= MaxShown)
            {
                output.Warn($"skipped: {fault.Message}{(shown == MaxShown ? " (further ones are only counted)" : string.Empty)}");
            }
        };
    }
}
