using System.Globalization;
using Sisa.Cli.Terminal;
using Sisa.Engine.Planning;
using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary>Shows a plan: what the recipe costs, what else could be, and what is proposed.</summary>
/// <param name="question">The question.</param>
/// <param name="costs">The costs of the candidates, the recipe as declared first.</param>
/// <param name="other">The cost of the other kind of assignment, or <see langword="null"/>.</param>
/// <param name="output">Where to show it.</param>
internal sealed class PlanView(PlanQuestion question, IReadOnlyList<SimulatedCost> costs, SimulatedCost? other, Output output)
{
    private readonly PlanProposal? _proposal = PlanSearch.Propose(costs, question.Budget);

    /// <summary>Shows it.</summary>
    /// <param name="all">Whether to show what others beat as well.</param>
    /// <returns>Whether the limits, where there are any, can be kept.</returns>
    public bool Show(bool all)
    {
        question.Notes.ToList().ForEach(output.Warn);
        if (output.Json)
        {
            output.WriteJson(PlanReport.Of(question, costs, other, _proposal, Reasons()));
        }
        else
        {
            ShowQuestion();
            ShowDeclared(costs[0]);
            ShowCandidates(all);
            ShowProposal();
        }

        return _proposal is null || _proposal.Breaches.Count == 0;
    }

    private void ShowQuestion()
    {
        var (corpus, load) = (question.Corpus, question.Load);
        var classes = load.Classes.Count == 0 ? string.Empty : $" ({string.Join(", ", load.Classes.Select(c => $"{c.Name}: {Figures.Share(c.ShareOfSubjects)} of the subjects, {Figures.Share(c.ShareOfRequests)} of the requests"))})";
        output.WriteData($"{Figures.Count(corpus.Items, "item")} of {Figures.Count(corpus.Subjects.Count, "subject")} ({(question.Store is null ? $"sizes {question.SubjectSizes}" : "as they are in the store")}), {Number(load.PerYear)} requests a year of {Figures.Count(load.SubjectsPerRequest, "subject")} each{classes}.");
        output.WriteData(question.Rates is { } rates
            ? string.Create(CultureInfo.InvariantCulture, $"Seconds are those of one worker: {1e6 * rates.PerVisit:0.#} µs a visit, {1e3 * rates.PerStage:0.#} ms a stage, {rates.PerRun:0.##} s a retraining.")
            : "Seconds are unknown. Give '--seconds-per-visit', or plan for a trained store.");
        output.WriteData($"Means of {Figures.Count(question.Draws, "simulated year")}; brackets hold the middle 95 % of them.");
    }

    private void ShowDeclared(SimulatedCost cost)
    {
        output.WriteData(string.Empty);
        output.WriteData($"The recipe as declared: {PlanReasons.Name(cost.Candidate)}{Classes(cost.Candidate.Ensemble)}");
        output.WriteData($"  training: {Visits(cost.TrainingVisits)}{Seconds(cost.TrainingSeconds)}");
        output.WriteData($"  one request alone: {Visits(cost.RequestVisits)}, {Figures.Share(cost.RequestVisits.Mean / Math.Max(cost.TrainingVisits.Mean, 1e-9))} of a training{Seconds(cost.RequestSeconds)}");
        if (question.Load.PerYear > 0)
        {
            output.WriteData($"  a retraining, for {Number(cost.Requests.Mean / Math.Max(cost.Retrainings.Mean, 1e-9))} requests on average: {Visits(cost.BatchVisits)}{Seconds(cost.BatchSeconds)}");
            output.WriteData($"  a year: {Visits(cost.YearVisits)} in {Number(cost.Retrainings.Mean)} retrainings of {Number(cost.Stages.Mean)} stages, {Figures.Share(cost.SharePerRequest)} of a training a request, {Figures.Bytes((long)cost.BytesWritten.Mean)} of checkpoints written{Seconds(cost.YearSeconds)}");
            output.WriteData($"  a request waits {Number(cost.WaitHours.Mean)} h until it is done");
        }

        output.WriteData($"  checkpoints: {Figures.Bytes(cost.StorageBytes)}");
        output.WriteData($"  the poorest shard has {Range(cost.FewestPerClass)} {question.Fewest}: a model with few of them knows the label badly");
        if (other is not null)
        {
            ShowOther(cost, other);
        }
    }

    private void ShowOther(SimulatedCost declared, SimulatedCost otherwise)
    {
        var isNew = declared.Candidate.Ensemble.RiskClasses.Count == 0;
        var (before, after) = question.Load.PerYear > 0 ? (declared.YearVisits.Mean, otherwise.YearVisits.Mean) : (declared.RequestVisits.Mean, otherwise.RequestVisits.Mean);
        var what = question.Load.PerYear > 0 ? "a year" : "a request";
        output.WriteData(isNew
            ? $"With the classes assigned{Classes(otherwise.Candidate.Ensemble)} {what} costs {Figures.Count(after)} visits instead of {Figures.Count(before)} ({Change(before, after)}), the training {Figures.Count(otherwise.TrainingVisits.Mean)}: items of late slices are visited less, which may cost accuracy."
            : $"Without risk classes {what} would cost {Figures.Count(after)} visits instead of {Figures.Count(before)} ({Change(before, after)}), the training {Figures.Count(otherwise.TrainingVisits.Mean)}.");
    }

    private void ShowCandidates(bool all)
    {
        var shown = costs.Where(c => all || IsNear(c, costs[0]) || (_proposal is not null && IsNear(c, _proposal.Cost))).ToArray();
        var hasYear = question.Load.PerYear > 0;
        var hasSeconds = question.Rates is not null;
        string[] columns =
        [
            "shards", "slices", "window", "training visits", "one request",
            .. hasYear ? new[] { "a retraining", "a year", "per request", "wait" } : [],
            .. hasSeconds ? hasYear ? new[] { "training", "request", "year" } : ["training", "request"] : [],
            "storage", "poorest shard", string.Empty,
        ];
        Grid.Write(
            output.Data,
            columns,
            shown.Select(c => (IReadOnlyList<string>)
            [
                $"{c.Candidate.Ensemble.Shards}",
                $"{c.Candidate.Ensemble.Slices}",
                c.Candidate.WindowHours > 0 ? $"{Number(c.Candidate.WindowHours)} h" : "–",
                Figures.Count(c.TrainingVisits.Mean),
                Figures.Count(c.RequestVisits.Mean),
                .. hasYear ? new[] { Figures.Count(c.BatchVisits.Mean), Figures.Count(c.YearVisits.Mean), Figures.Share(c.SharePerRequest), $"{Number(c.WaitHours.Mean)} h" } : [],
                .. hasSeconds ? new[] { Figures.Seconds(c.TrainingSeconds!.Mean), Figures.Seconds(c.SecondsPerRequest!.Value) } : [],
                .. hasSeconds && hasYear ? new[] { Figures.Seconds(c.YearSeconds!.Mean) } : [],
                Figures.Bytes(c.StorageBytes),
                Number(c.FewestPerClass.Mean),
                c == _proposal?.Cost ? _proposal.Breaches.Count == 0 ? "proposed" : "nearest" : c == costs[0] ? "declared" : string.Empty,
            ]),
            numbersRight: true);
        if (shown.Length < costs.Count)
        {
            output.WriteData($"The table shows what differs from the recipe{(_proposal is null ? string.Empty : " or the proposal")} in one setting; '--all' shows {Figures.Count(costs.Count - shown.Length)} more.");
        }
    }

    private void ShowProposal()
    {
        if (_proposal is null)
        {
            output.WriteData("There is no proposal without a limit. Give '--max-share', '--max-seconds-per-request', '--max-storage', '--max-wait' or '--min-items-per-class'.");
            return;
        }

        foreach (var reason in Reasons())
        {
            output.WriteData(reason);
        }
    }

    private IReadOnlyList<string> Reasons() => _proposal is null ? [] : [.. PlanReasons.Of(_proposal, question.Budget, PlanOptions.Limit)];

    private static bool IsNear(SimulatedCost cost, SimulatedCost other)
    {
        var (one, two) = (cost.Candidate, other.Candidate);
        return (one.Ensemble.Shards == two.Ensemble.Shards ? 0 : 1) + (one.Ensemble.Slices == two.Ensemble.Slices ? 0 : 1) + (one.WindowHours == two.WindowHours ? 0 : 1) <= 1;
    }

    private static string Classes(EnsembleOptions ensemble) => ensemble.RiskClasses.Count == 0
        ? string.Empty
        : " { " + string.Join(", ", ensemble.RiskClasses.Select(c => $"{c.Key}: {{ shards: {List(c.Value.Shards)}{(c.Value.Slices is { } slices ? $", slices: {List(slices)}" : string.Empty)} }}")) + " }";

    private static string List(IReadOnlyList<int> numbers) => $"[{string.Join(", ", numbers)}]";

    private static string Visits(Spread visits) => $"{Figures.Count(visits.Mean)} visits [{Figures.Count(visits.Low)}–{Figures.Count(visits.High)}]";

    private static string Seconds(Spread? seconds) => seconds is null ? string.Empty : $", {Figures.Seconds(seconds.Mean)}";

    private static string Range(Spread spread) => $"{Number(spread.Mean)} [{Number(spread.Low)}–{Number(spread.High)}]";

    private static string Change(double before, double after) => $"{(after <= before ? "−" : "+")}{Figures.Share(Math.Abs(after - before) / Math.Max(before, 1e-9))}";

    private static string Number(double value) => value.ToString(value < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
