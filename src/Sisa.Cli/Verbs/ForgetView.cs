using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Finding;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary>Shows the progress of requests to a person or a script.</summary>
internal interface IForgetView
{
    /// <summary>Shows the plan, before anything happens.</summary>
    void Planned(ForgetOutcomes planned, bool isDryRun);

    /// <summary>Shows that nothing was recorded.</summary>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="unfinished">Requests that asked for it before and are not finished.</param>
    void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished);

    /// <summary>Shows that requests are received, and that no served model was trained on their items.</summary>
    void Received(ForgetOutcomes outcomes);

    /// <summary>Shows the final outcome of requests.</summary>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="pending">The received requests, or the unfinished ones that had named the same before.</param>
    /// <param name="report">The training, or <see langword="null"/> if there was none.</param>
    void Result(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> pending, TrainReport? report);
}

/// <summary>Shows the progress of one request.</summary>
/// <param name="store">The store.</param>
/// <param name="output">The output.</param>
/// <param name="duplicates">The duplicates, or <see langword="null"/> without a search.</param>
/// <param name="spellings">Near spellings of what is named.</param>
internal sealed class ForgetView(Store store, Output output, FindReport? duplicates, NamedSpellings spellings) : IForgetView
{
    // Do not repeat what was shown before the receipt.
    private bool _isTold;

    public void Planned(ForgetOutcomes planned, bool isDryRun)
    {
        Tell(planned.Outcomes[0], isDryRun);
        if (!isDryRun)
        {
            return;
        }

        output.Say("Nothing was changed (--dry-run).");
        if (output.Json)
        {
            output.WriteJson(Shown(ForgetReport.Of(planned.Outcomes[0])));
        }
    }

    public void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished)
    {
        var outcome = outcomes.Outcomes[0];
        Tell(outcome);
        TellUnfinished(unfinished, output);
        if (unfinished.Count == 0)
        {
            output.Say(outcome.AlreadyForgotten.Count > 0
                ? "Nothing is left to forget. Nothing was retrained."
                : "The store holds none of these names. Nothing was retrained.");
        }

        TellNothingHeld(outcomes, output);
    }

    public void Received(ForgetOutcomes outcomes)
    {
        var (outcome, request) = (outcomes.Outcomes[0], outcomes.Outcomes[0].Recorded!);
        Tell(outcome);
        output.Say($"Request {request.Id} is received ({KebabName.Of(request.Reason)}, due {request.Due:yyyy-MM-dd}).");
        output.Say($"From epoch {request.Epoch} on, no served model was trained on {(outcome.Targets.Count == 1 ? "this item" : "these items")}.");
    }

    public void Result(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> pending, TrainReport? report)
    {
        var request = ForgetReport.RequestOf(outcomes.Outcomes[0], pending, store);
        if (request is not null && pending.Count > 0)
        {
            Describe(store, request, report, output);
        }

        if (output.Json)
        {
            output.WriteJson(Shown(ForgetReport.Of(outcomes.Outcomes[0], request, report, store)));
        }
    }

    /// <summary>Shows the requests that are recorded as having found nothing.</summary>
    public static void TellNothingHeld(ForgetOutcomes outcomes, Output output)
    {
        var nothing = outcomes.Outcomes.Where(o => o is { IsNothingHeld: true, IsRepeated: false }).ToArray();
        FirstOfMany.Tell(
            nothing,
            o => output.Say($"Request {o.Request} is recorded as {KebabName.Of(RequestState.NothingHeld)}. It keeps no item out: later items under these names are accepted."),
            more => output.Say($"… and {Figures.Count(more, "more request")} are recorded as {KebabName.Of(RequestState.NothingHeld)}."));
    }

    /// <summary>Shows unfinished requests that had named the same before.</summary>
    public static void TellUnfinished(IReadOnlyList<RequestRow> unfinished, Output output)
    {
        foreach (var request in unfinished)
        {
            output.Say($"Request {request.Id} was received before and is not finished ({KebabName.Of(request.State)}, due {request.Due:yyyy-MM-dd}).");
        }
    }

    /// <summary>Shows the training and the purge for a request.</summary>
    public static void Describe(Store store, RequestRow request, TrainReport? report, Output output)
    {
        if (report is null)
        {
            output.Say(
                request.Completed is not null ? $"Request {request.Id} was finished before."
                : request.Waits is { } over && over <= store.Now ? $"The retraining of request {request.Id} must not wait, because it is due {request.Due:yyyy-MM-dd HH:mm} UTC. Run 'sisa train' now."
                : request.Waits is { } waits ? $"The retraining waits for other requests. 'sisa train' runs it at once; the next 'sisa forget' after {waits:yyyy-MM-dd HH:mm} UTC runs it for all that wait."
                : $"The retraining of request {request.Id} is left to 'sisa train'.");
        }
        else
        {
            var work = report.Stages.Count > 0
                ? $"{Figures.Count(report.Stages.Count, "stage")} retrained with {Figures.Count(report.Visits)} item visits in {Figures.Seconds(report.Seconds)}"
                : $"another run retrained it with {Figures.Count(request.Summary.Visits ?? 0)} item visits";
            output.Say($"Forgotten: {work}; epoch {report.Epoch} is served.");
            if (RetrainingReport.Compare(store, request, report) is { } note)
            {
                output.Say(note.ToString());
            }
        }

        if (report is not null && request.Summary.Measurements?.Language is { } measured)
        {
            foreach (var (name, value) in LanguageText.Of(measured))
            {
                output.Say($"{name}: {value}.");
            }
        }

        if (report is not null && request is { State: >= RequestState.Purged, Summary.Purge: { } purge })
        {
            output.Say(
                $"Purged: {Figures.Count(purge.FilesRemoved, "file")} removed; {Figures.Count(purge.PatternsSearched, "string")} searched for in {Figures.Count(purge.FilesSearched, "file")} ({Figures.Bytes(purge.BytesSearched)}), {purge.Hits} found.{(purge.PatternsTooShort > 0 ? $" {Figures.Count(purge.PatternsTooShort, "string")} too short to search for: their rows are gone, and the manifest was rewritten." : string.Empty)}");
            if (purge.RetainedHits > 0)
            {
                output.Warn($"{Figures.Count(purge.RetainedHits, "place")} in retained items hold one of these strings too: a copy, or an id with the same beginning. Forgetting leaves them as they are.");
            }

            foreach (var export in store.Manifest.Exports.All().Where(e => e.Recall))
            {
                output.Warn($"Export {export.Path} (epoch {export.Epoch}) has seen forgotten items. Recall it.");
            }
        }
    }

    /// <summary>Names what is unknown or forgotten already.</summary>
    public static void Named(ForgetOutcome outcome, Output output)
    {
        FirstOfMany.Tell(outcome.Unknown, id => output.Warn($"'{id}' is not in the store."), more => output.Warn($"… and {Figures.Count(more)} more are not in the store; '--json' lists all."));
        FirstOfMany.Tell(outcome.AlreadyForgotten, id => output.Say($"'{id}' is already forgotten."), more => output.Say($"… and {Figures.Count(more)} more are already forgotten; '--json' lists all."));
    }

    /// <summary>Names what may have been meant by names of several fields that lack their backslashes.</summary>
    public static void TellUnescaped(Store store, IEnumerable<string> unknown, Output output)
    {
        foreach (var (name, meant) in UnescapedNames.Find(store, unknown))
        {
            output.Say($"Does '{name}' mean '{meant}'? This recipe joins several fields by '/', and writes a '/' within a field as '\\/'.");
        }
    }

    /// <summary>Shows the cost of each shard, and the total.</summary>
    public static void DescribePlan(Store store, ForgetPlan plan, Output output)
    {
        foreach (var shard in plan.Shards)
        {
            var from = shard.CleanStage.Value == 0 ? "from its initial state" : $"from the checkpoint of slice {shard.CleanStage.Value}";
            output.Say($"{shard.Shard}: {Figures.Count(shard.ItemCount, "item")}; retrains {shard.StageCount} of {Figures.Count(store.Recipe.Ensemble.Slices, "slice")} {from}, about {Figures.Count(shard.Visits)} item visits.");
        }

        var seconds = plan.Seconds is { } s ? $", about {Figures.Seconds(s)} of one worker" : string.Empty;
        output.Say($"Total: {Figures.Share(plan.Share)} of a full retraining ({Figures.Count(plan.FullVisits)} visits){seconds}.");
    }

    private void Tell(ForgetOutcome outcome, bool isDryRun = false)
    {
        if (_isTold)
        {
            return;
        }

        _isTold = true;
        Named(outcome, output);
        TellUnescaped(store, outcome.Unknown, output);
        if (isDryRun || outcome.Targets.Count > 0)
        {
            DescribePlan(store, outcome.Plan, output);
        }
    }

    private ForgetReport Shown(ForgetReport report) => report with { Duplicates = duplicates is null ? null : SearchReport.Of(duplicates, []), NearSpellings = spellings.Found.Found };
}
