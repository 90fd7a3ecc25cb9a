using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine;
using Sisa.Engine.Ingesting;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa ingest</c>: brings corpus files into the store.</summary>
internal static class IngestVerb
{
    private static readonly Argument<string[]> Files = new("files") { Description = "Corpus files; gzip is read as it is.", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<string?> Except = new("--except")
    {
        Description = "Leave out the items and subjects of a list (JSONL, CSV with a header, or one item id a line).",
        HelpName = "LIST",
    };

    private static readonly Option<string?> Readmit = new("--readmit") { Description = "Take back forgotten items of a list; it is recorded.", HelpName = "LIST" };

    private static readonly Option<string> OnError = new Option<string>("--on-error")
    {
        Description = "What a bad row does: stop everything and ingest nothing, or be skipped and named.",
        DefaultValueFactory = _ => "fail",
    }.AcceptOnlyFromAmong("fail", "skip");

    public static Command Create() =>
        new Command("ingest", "Read corpus files into shards and slices: all of them, or nothing.") { Files, Except, Readmit, OnError, CommonOptions.Wait }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var shown = 0L;
        var report = new Ingestor(store).Ingest(
            parse.GetValue(Files)!,
            new IngestOptions
            {
                Except = ReadList(parse.GetValue(Except)),
                Readmit = ReadList(parse.GetValue(Readmit)),
                SkipFaults = parse.GetValue(OnError) == "skip",
                Patience = CommonOptions.Patience(parse),
                OnNotice = output.Say,
                OnSkip = fault =>
                {
                    const int MaxShown = 20;
                    if (++shown <= MaxShown)
                    {
                        output.Warn($"skipped: {fault.Message}{(shown == MaxShown ? " (further ones are only counted)" : string.Empty)}");
                    }
                },
                OnProgress = output.IsTerminal && !output.Json ? rows => output.Errors.Write($"\r{Figures.Count(rows)} rows read") : null,
            },
            cancellation);
        if (output.IsTerminal && !output.Json)
        {
            output.Errors.Write("\r\u001b[K");
        }

        Describe(store, report, output);
        return ExitCode.Done;
    }

    private static TargetList ReadList(string? path)
    {
        var list = path is null ? TargetList.Empty : TargetList.Read(path);
        return list.Spans.Count == 0
            ? list
            : throw new CorpusException($"The list names {Figures.Count(list.Spans.Count, "span")}; here only items and subjects mean anything.", "Remove the spans from the list.", path);
    }

    private static void Describe(Store store, IngestReport report, Output output)
    {
        output.Say($"{Figures.Count(report.Items, "item")} ingested; {report.TouchedShards} of {store.Recipe.Ensemble.Shards} shards are to be trained.");
        if (report.Excepted > 0)
        {
            output.Say($"{Figures.Count(report.Excepted, "row")} left out by '--except'.");
        }

        if (report.Skipped > 0)
        {
            output.Say($"{Figures.Count(report.Skipped, "bad row")} skipped.");
        }

        if (report.Readmitted > 0)
        {
            output.Say($"{Figures.Count(report.Readmitted, "forgotten item")} taken back.");
        }

        if (report.Duplicates.Items > 0)
        {
            var examples = string.Join(", ", report.Duplicates.Examples.Select(e => $"{e.First} = {e.Second}"));
            output.Warn($"{Figures.Count(report.Duplicates.Items)} items have the same content as another item ({examples}); forgetting one leaves the other.");
        }

        var places = (long)store.Recipe.Ensemble.Shards * store.Recipe.Ensemble.Slices;
        var items = store.Manifest.Items.Count;
        if (items < places)
        {
            output.Warn($"There are more slices ({Figures.Count(places)}) than items ({Figures.Count(items)}); many will be empty.");
        }

        if (output.Json)
        {
            output.WriteJson(report);
        }
        else
        {
            output.Say("Next: sisa train");
        }
    }
}
