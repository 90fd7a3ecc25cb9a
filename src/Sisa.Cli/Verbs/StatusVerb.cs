using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Reporting;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa status</c>: requests, shards, bundle, epoch, environment.</summary>
internal static class StatusVerb
{
    public static Command Create() => new Command("status", "Show items, shards, open requests, the bundle and its epoch.").Does(Run);

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
        RequestGrid.Write(status.Requests, output);
        if (status.MoreRequests > 0)
        {
            output.WriteData($"… and {Figures.Count(status.MoreRequests, "more open request")}: sisa requests list --open");
        }

        if (status.RequestCounts.Count > 0)
        {
            output.WriteData($"requests: {string.Join(", ", status.RequestCounts.Select(c => $"{Figures.Count(c.Value)} {c.Key}"))}");
        }

        foreach (var export in status.Exports)
        {
            output.WriteData($"export {export.Path}, epoch {export.Epoch}{(export.Recall ? ", RECALL: it has seen forgotten items" : string.Empty)}");
        }

        foreach (var environment in status.Environments)
        {
            output.WriteData($"environment {environment}");
        }

        return ExitCode.Done;
    }
}
