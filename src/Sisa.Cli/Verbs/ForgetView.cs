using Sisa.Cli.Terminal;
using Sisa.Engine;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Reporting;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary>Tells a person, or a script, what became of a request.</summary>
internal static class ForgetView
{
    public static void Plan(Store store, ForgetOutcome outcome, Output output)
    {
        Named(outcome, output);
        DescribePlan(store, outcome, output);
        output.Say("Nothing was changed (--dry-run).");
        if (output.Json)
        {
            output.WriteJson(Shape(outcome, null, null));
        }
    }

    /// <summary>Tells that nothing was recorded.</summary>
    /// <param name="outcome">What became of what was named.</param>
    /// <param name="unfinished">Requests that asked for it before and are not finished.</param>
    /// <param name="output">Where to tell it.</param>
    public static void Nothing(ForgetOutcome outcome, IReadOnlyList<RequestRow> unfinished, Output output)
    {
        Named(outcome, output);
        foreach (var request in unfinished)
        {
            output.Say($"Request {request.Id} was received before and is not finished ({KebabName.Of(request.State)}, due {request.Due:yyyy-MM-dd}).");
        }

        if (unfinished.Count == 0)
        {
            output.Say(outcome.AlreadyForgotten.Count > 0
                ? "Nothing is left to forget; nothing was retrained."
                : "None of these is in the store; nothing was retrained.");
        }
    }

    public static void Received(Store store, ForgetOutcome outcome, RequestRow request, Output output)
    {
        Named(outcome, output);
        output.Say($"Request {request.Id} is received ({KebabName.Of(request.Reason)}, due {request.Due:yyyy-MM-dd}).");
        if (outcome.Targets.Count > 0)
        {
            DescribePlan(store, outcome, output);
        }

        output.Say($"From epoch {request.Epoch} on, nothing that is served has seen {(outcome.Targets.Count == 1 ? "it" : "them")}.");
    }

    /// <summary>Tells what became of a request, where there is one.</summary>
    /// <param name="store">The store.</param>
    /// <param name="outcome">What became of what was named.</param>
    /// <param name="report">What the training did, or <see langword="null"/> where none was done.</param>
    /// <param name="output">Where to tell it.</param>
    public static void Result(Store store, ForgetOutcome outcome, TrainReport? report, Output output)
    {
        var request = outcome.Recorded is { } recorded ? store.Manifest.Requests.Find(recorded.Id) : null;
        if (request is not null)
        {
            Describe(store, request, report, output);
        }

        if (output.Json)
        {
            output.WriteJson(Shape(outcome, request is null ? null : RequestStatus.Of(request, store.Now), report));
        }
    }

    private static void Describe(Store store, RequestRow request, TrainReport? report, Output output)
    {
        if (report is null)
        {
            output.Say(
                request.Completed is not null ? $"Request {request.Id} was done before."
                : request.Waits is { } waits ? $"The retraining waits for others: 'sisa train' does it at once, the next 'sisa forget' after {waits:yyyy-MM-dd HH:mm} UTC for all that wait."
                : $"The retraining of request {request.Id} is left to 'sisa train'.");
        }
        else
        {
            var work = report.Stages.Count > 0
                ? $"{Figures.Count(report.Stages.Count, "stage")} retrained with {Figures.Count(report.Visits)} item visits in {Figures.Seconds(report.Seconds)}"
                : $"another run retrained it with {Figures.Count(request.Summary.Visits ?? 0)} item visits";
            output.Say($"Forgotten: {work}; epoch {report.Epoch} is served.");
        }

        if (report is not null && request is { State: >= RequestState.Purged, Summary.Purge: { } purge })
        {
            output.Say(
                $"Purged: {Figures.Count(purge.FilesRemoved, "file")} removed; {Figures.Count(purge.PatternsSearched, "string")} searched for in {Figures.Count(purge.FilesSearched, "file")} ({Figures.Bytes(purge.BytesSearched)}), {purge.Hits} found.{(purge.PatternsTooShort > 0 ? $" {Figures.Count(purge.PatternsTooShort, "string")} too short to be searched for: their rows are gone, and the manifest was written anew." : string.Empty)}");
            if (purge.RetainedHits > 0)
            {
                output.Warn($"{Figures.Count(purge.RetainedHits, "place")} in retained items hold one of these strings too: a copy, or an id that begins alike. Forgetting does not touch them.");
            }

            foreach (var export in store.Manifest.Exports.All().Where(e => e.Recall))
            {
                output.Warn($"Export {export.Path} (epoch {export.Epoch}) has seen something that is forgotten; recall it.");
            }
        }
    }

    private static void Named(ForgetOutcome outcome, Output output)
    {
        foreach (var id in outcome.Unknown)
        {
            output.Warn($"'{id}' is not in the store.");
        }

        foreach (var id in outcome.AlreadyForgotten)
        {
            output.Say($"'{id}' is already forgotten.");
        }
    }

    private static void DescribePlan(Store store, ForgetOutcome outcome, Output output)
    {
        foreach (var shard in outcome.Plan.Shards)
        {
            var from = shard.CleanStage.Value == 0 ? "from its initial state" : $"from the checkpoint of slice {shard.CleanStage.Value}";
            output.Say($"{shard.Shard}: {Figures.Count(shard.ItemCount, "item")}; retrains {shard.StageCount} of {Figures.Count(store.Recipe.Ensemble.Slices, "slice")} {from}, about {Figures.Count(shard.Visits)} item visits.");
        }

        var seconds = outcome.Plan.Seconds is { } s ? $", about {Figures.Seconds(s)} of one worker" : string.Empty;
        output.Say($"In all {Figures.Share(outcome.Plan.Share)} of the {Figures.Count(outcome.Plan.FullVisits)} visits of a full retraining{seconds}.");
    }

    private static object Shape(ForgetOutcome outcome, RequestStatus? request, TrainReport? report) => new
    {
        Request = request,
        Forgotten = outcome.Targets.Select(t => new { t.Item, t.Subject, Span = t.Span?.ToString() }),
        outcome.Unknown,
        outcome.AlreadyForgotten,
        Plan = new
        {
            Shards = outcome.Plan.Shards.Select(s => new { Shard = s.Shard.Value, Items = s.ItemCount, CleanSlice = s.CleanStage.Value, Stages = s.StageCount, s.Visits }),
            outcome.Plan.Visits,
            outcome.Plan.FullVisits,
            outcome.Plan.Share,
            outcome.Plan.Seconds,
        },
        Training = report is null ? null : new { report.Visits, report.Seconds, Stages = report.Stages.Count, report.Epoch },
    };
}
