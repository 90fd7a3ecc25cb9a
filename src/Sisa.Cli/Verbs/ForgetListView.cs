using Sisa.Cli.Terminal;
using Sisa.Engine.Finding;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary>Shows the progress of a list of requests: counts for people, every request in JSON.</summary>
/// <param name="store">The store.</param>
/// <param name="output">The output.</param>
/// <param name="duplicates">The duplicates, or <see langword="null"/> without a search.</param>
/// <param name="spellings">Near spellings of what is named.</param>
internal sealed class ForgetListView(Store store, Output output, FindReport? duplicates, NamedSpellings spellings) : IForgetView
{
    public void Planned(ForgetOutcomes planned, bool isDryRun)
    {
        var (outcomes, plan) = (planned.Outcomes, planned.Plan);
        var unknown = outcomes.SelectMany(o => o.Unknown.Select(id => (o.Request, Id: id))).ToArray();
        FirstOfMany.Tell(unknown, u => output.Warn($"'{u.Id}' of request {u.Request} is not in the store."), more => output.Warn($"… and {Figures.Count(more)} more are not in the store."));

        ForgetView.TellUnescaped(store, unknown.Take(FirstOfMany.MostShown).Select(u => u.Id), output);
        Grid.Write(output.Errors, ["requests", "to receive", "items", "spans", "subjects", "unknown", "already forgotten", "shards", "visits", "of retraining", "seconds"],
        [
            [
                Figures.Count(outcomes.Count),
                Figures.Count(outcomes.Count(o => o.Targets.Count > 0)),
                Figures.Count(outcomes.Sum(o => o.Targets.Count(t => t.Span is null))),
                Figures.Count(outcomes.Sum(o => o.Targets.Count(t => t.Span is not null))),
                Figures.Count(outcomes.SelectMany(o => o.Targets).Select(t => t.Subject).Distinct(StringComparer.Ordinal).Count()),
                Figures.Count(unknown.Length),
                Figures.Count(outcomes.Sum(o => o.AlreadyForgotten.Count)),
                $"{plan.Shards.Count}/{store.Recipe.Ensemble.Shards}",
                Figures.Count(plan.Visits),
                Figures.Share(plan.Share),
                plan.Seconds is { } seconds ? Figures.Seconds(seconds) : "unknown",
            ],
        ]);
        if (!isDryRun)
        {
            return;
        }

        output.Say("Nothing was changed (--dry-run).");
        if (output.Json)
        {
            output.WriteJson(Report(planned, null, null));
        }
    }

    public void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished)
    {
        ForgetView.TellUnfinished(unfinished, output);
        if (unfinished.Count == 0)
        {
            output.Say("Nothing is left to forget. Nothing was retrained.");
        }

        ForgetView.TellNothingHeld(outcomes, output);
    }

    public void Received(ForgetOutcomes outcomes)
    {
        var added = outcomes.Outcomes.Count(o => o is { Recorded: not null, IsNothingHeld: false, IsRepeated: false });
        var known = outcomes.Outcomes.Count(o => o.IsRepeated);
        output.Say(known == 0 ? $"{Figures.Count(added, "request")} received." : $"{Figures.Count(added, "request")} received, {Figures.Count(known)} were received before.");
        output.Say($"From epoch {outcomes.Outcomes.Max(o => o.Recorded?.Epoch)} on, no served model was trained on the named items.");
        ForgetView.TellNothingHeld(outcomes, output);
    }

    public void Result(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> pending, TrainReport? report)
    {
        if (report is null && pending.Count > 0 && pending.All(r => r.Completed is not null))
        {
            output.Say("All of these requests were finished before. Nothing was retrained.");
        }
        else if (pending.Count > 0)
        {
            // All share one retraining and purge. If they wait, show the first that ends waiting.
            var told = report is null ? pending.MinBy(r => r.Waits ?? DateTimeOffset.MaxValue)! : pending[^1];
            ForgetView.Describe(store, store.Manifest.Requests.Get(told.Number), report, output);
        }

        if (output.Json)
        {
            output.WriteJson(Report(outcomes, report, pending.Count > 0 ? pending[^1] : null));
        }
    }

    private ForgetListReport Report(ForgetOutcomes outcomes, TrainReport? training, RequestRow? last) =>
        ForgetListReport.Of(outcomes, training, last, store) with { Duplicates = duplicates is null ? null : SearchReport.Of(duplicates, []), NearSpellings = spellings.Found.Found };
}
