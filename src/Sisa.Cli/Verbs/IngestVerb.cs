using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Stores;
using Sisa.Finding;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa ingest</c>: brings corpus files into the store.</summary>
internal static class IngestVerb
{
    private static readonly Argument<string[]> Files = new("files") { Description = "Corpus files, gzip or not.", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<string?> Readmit = new("--readmit") { Description = "A list of forgotten items and subjects to accept again. The readmission is recorded.", HelpName = "LIST" };

    public static Command Create() =>
        new Command("ingest", "Read corpus files into shards and slices, all files or none.") { Files, RowOptions.Except, Readmit, ListOfOption.Kind, RowOptions.OnError, CommonOptions.Wait }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var listOf = ListOfOption.Of(parse, RowOptions.Except, Readmit);
        using var store = CommonOptions.OpenStore(parse);
        var reading = StoredNames.Reading(store, listOf);
        var options = new IngestOptions
        {
            Except = RowOptions.ReadList(parse.GetValue(RowOptions.Except), reading with { LookUp = null }),
            Readmit = RowOptions.ReadList(parse.GetValue(Readmit), reading),
            SkipFaults = RowOptions.Skips(parse),
            Patience = CommonOptions.Patience(parse),
            OnNotice = output.Say,
            OnSkip = RowOptions.TellSkipped(output),
        };
        Describe(store, Ingest(store, parse.GetValue(Files)!, options, output, cancellation), output);
        return ExitCode.Done;
    }

    private static IngestReport Ingest(Store store, string[] files, IngestOptions options, Output output, CancellationToken cancellation)
    {
        if (!output.IsTerminal || output.Json)
        {
            return new Ingestor(store).Ingest(files, options, cancellation);
        }

        try
        {
            return new Ingestor(store).Ingest(files, options with { OnProgress = rows => output.Errors.Write($"\r{Figures.Count(rows, "row")} read") }, cancellation);
        }
        finally
        {
            // What follows, be it an error, begins on an empty line.
            output.Errors.Write("\r\u001b[K");
        }
    }

    private static void Describe(Store store, IngestReport report, Output output)
    {
        output.Say($"{Figures.Count(report.Items, "item")} ingested; {report.TouchedShards} of {Figures.Count(store.Recipe.Ensemble.Shards, "shard")} {(report.TouchedShards == 1 ? "is" : "are")} to be trained.");
        if (report.Excepted > 0)
        {
            output.Say($"{Figures.Count(report.Excepted, "row")} left out by '--except'.");
        }

        WarnUnmatched("--except", report.ExceptUnmatched, output);
        WarnUnmatched("--readmit", report.ReadmitUnmatched, output);
        LossView.Describe(report.Losses, report.Lines.Read, output);

        if (report.Readmitted > 0)
        {
            output.Say($"{Figures.Count(report.Readmitted, "forgotten item")} taken back.");
        }

        if (report.Duplicates.Items > 0)
        {
            var examples = string.Join(", ", report.Duplicates.Examples.Select(e => $"{e.First} = {e.Second}"));
            output.Warn($"{Figures.Count(report.Duplicates.Items, "item")} {(report.Duplicates.Items == 1 ? "has" : "have")} the same content as another item ({examples}). Forgetting one leaves the other.");
        }

        var places = (long)store.Recipe.Ensemble.Shards * store.Recipe.Ensemble.Slices;
        var items = store.Manifest.Items.Count;
        if (items < places)
        {
            output.Warn($"{Figures.Count(items, "item")} in {Figures.Count(places, "slice")}: many slices will be empty.");
        }

        TellSpellings(report.NearSpellings, output);
        if (output.Json)
        {
            output.WriteJson(report);
        }
        else
        {
            output.Say("Next: sisa train");
        }
    }

    private static void TellSpellings(SpellingReport near, Output output)
    {
        if (near.Items + near.Subjects == 0)
        {
            return;
        }

        string[] counts = [.. near.Subjects > 0 ? [Figures.Count(near.Subjects, "subject")] : Array.Empty<string>(), .. near.Items > 0 ? [Figures.Count(near.Items, "item id")] : Array.Empty<string>()];
        output.Warn($"{string.Join(" and ", counts)} differ from another one only in spelling. They stay separate, and forgetting one leaves the others.");
        foreach (var group in near.Examples)
        {
            var names = string.Join(", ", group.Names.Select(n => group.Kind == NameKind.Item ? $"'{n.Name}'" : $"'{n.Name}' ({Figures.Count(n.Items, "item")})"));
            output.Say($"{(group.Kind == NameKind.Item ? "Items" : "Subjects")} that differ only in spelling: {names}{(group.More > 0 ? $" and {Figures.Count(group.More)} more" : string.Empty)}.");
        }
    }

    private static void WarnUnmatched(string option, int entries, Output output)
    {
        if (entries > 0)
        {
            output.Warn($"{Figures.Count(entries)} of the items and subjects that '{option}' lists matched no row. Check that they are spelled as in the corpus.");
        }
    }
}
