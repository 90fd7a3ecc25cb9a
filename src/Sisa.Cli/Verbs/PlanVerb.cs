using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Planning;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa plan</c>: what shards, slices and windows cost, before anything is trained.</summary>
internal static class PlanVerb
{
    public static Command Create() => new Command("plan", "Predict the cost of shards, slices and waiting before training, and propose a recipe within limits.")
    {
        PlanOptions.Items, PlanOptions.Subjects, PlanOptions.Sizes, PlanOptions.RecipeFile, PlanOptions.Set, BaseOption.Folder,
        PlanOptions.PerYear, PlanOptions.PerRequest, PlanOptions.Risks, PlanOptions.Shards, PlanOptions.Slices, PlanOptions.Windows,
        PlanOptions.MaxSeconds, PlanOptions.MaxShare, PlanOptions.MaxStorage, PlanOptions.MaxWait, PlanOptions.MinItems,
        PlanOptions.SecondsPerVisit, PlanOptions.SecondsPerStage, PlanOptions.SecondsPerRun, PlanOptions.Draws, PlanOptions.Seed, PlanOptions.All,
    }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var question = PlanReader.Read(parse, output);
        var simulator = new CostSimulator(question.Recipe, question.Corpus, question.Load, question.Rates);
        PlanCandidate[] candidates = [.. question.Candidates, .. question.OtherAssignment is { } other ? [other] : Array.Empty<PlanCandidate>()];
        var costs = simulator.Simulate(candidates, question.Draws, question.Seed, cancellation);
        var view = new PlanView(question, [.. costs.Take(question.Candidates.Count)], question.OtherAssignment is null ? null : costs[^1], output);
        return view.Show(parse.GetValue(PlanOptions.All)) ? ExitCode.Done : ExitCode.No;
    }
}
