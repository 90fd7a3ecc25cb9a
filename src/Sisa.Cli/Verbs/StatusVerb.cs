using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Reporting;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa status</c>: requests, shards, bundle, epoch, environment.</summary>
internal static class StatusVerb
{
    public static Command Create() => new Command("status", "Show items, shards, requests, the bundle and its epoch.").Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var status = StatusReport.Of(store);
        if (output.Json)
        {
            output.WriteJson(status);
            return ExitCode.Done;
        }

        output.WriteData($"{status.Name}: {Figures.Count(status.Items, "item")} of {Figures.Count(status.Subjects, "subject")}, {Figures.Count(status.Forgotten)} forgotten; epoch {status.Epoch}{(status.Suspended ? ", SUSPENDED" : string.Empty)}; {(status.UpToDate ? "up to date" : "not up to date: run 'sisa train'")}");
        output.WriteData($"store {status.Store}, recipe {status.Recipe.ToShortString()}");
        Grid.Write(output.Data, ["shard", "items by slice", "trained", "served"], status.Shards.Select(s => new[]
        {
            $"{s.Shard}",
            s.Items.Count <= 12 ? string.Join(" ", s.Items) : $"{string.Join(" ", s.Items.Take(10))} … ({s.Items.Count} slices)",
            $"{s.Trained}/{s.Items.Count}",
            s.Served is { } slice ? $"slice {slice}" : "left out",
        }));
        if (status.Requests.Count > 0)
        {
            Grid.Write(output.Data, ["request", "state", "reason", "received", "due", "items", "visits"], status.Requests.Select(r => new[]
            {
                r.Id,
                KebabName.Of(r.State) + (r.Overdue ? " OVERDUE" : string.Empty),
                KebabName.Of(r.Reason),
                $"{r.Received:yyyy-MM-dd HH:mm}",
                $"{r.Due:yyyy-MM-dd}",
                Figures.Count(r.Summary.Items) + (r.Summary.Spans > 0 ? $" + {Figures.Count(r.Summary.Spans, "span")}" : string.Empty),
                r.Summary.Visits is { } visits ? Figures.Count(visits) : $"~{Figures.Count(r.Summary.PredictedVisits)}",
            }));
        }

        foreach (var export in status.Exports)
        {
            output.WriteData($"export {export.Path}, epoch {export.Epoch}{(export.Recall ? ", RECALL: something in its lineage was forgotten" : string.Empty)}");
        }

        foreach (var environment in status.Environments)
        {
            output.WriteData($"environment {environment}");
        }

        return ExitCode.Done;
    }
}
