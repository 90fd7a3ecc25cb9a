using System.CommandLine;
using Sisa.Aggregation;
using Sisa.Cli.Terminal;
using Sisa.Serving.Measuring;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa evaluate</c>: how good the ensemble and its constituents are on held-out data.</summary>
internal static class EvaluateVerb
{
    private static readonly Argument<string?> File = new("file") { Description = "Held-out rows, with labels if the task is to classify. Default: the recipe's evaluation file.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<bool> Compare = new("--compare") { Description = "Language models: measure every aggregation rule that applies, each in a pass of its own." };

    private static readonly Option<bool> BySubject = new("--by-subject") { Description = "Language models: report each subject." };

    public static Command Create() => new Command("evaluate", "Measure the ensemble and each constituent on held-out data.")
    {
        File, ServingOptions.Aggregation, Compare, BySubject, ServingOptions.From, ServingOptions.Device,
    }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var bundle = ServingOptions.OpenBundle(parse, output);
        var file = parse.GetValue(File) ?? bundle.Recipe.Evaluation.File
            ?? throw new UsageException("No file is named, and the recipe has no evaluation file.", "Give a file with held-out rows.");
        var rule = ServingOptions.Rule(parse, bundle.Recipe);
        var device = parse.GetValue(ServingOptions.Device);
        if (bundle.Recipe.Task == TaskKind.LanguageModel)
        {
            var others = parse.GetValue(Compare) ? LanguageAggregator.Rules(bundle.Recipe).Where(other => other != rule) : [];
            var evaluation = LanguageEvaluation.Of(bundle, file, [rule, .. others], parse.GetValue(BySubject), device, cancellation);
            Show(output, evaluation, EvaluationText.Write);
            return ExitCode.Done;
        }

        if (parse.GetValue(Compare) || parse.GetValue(BySubject))
        {
            ServingOptions.Require(TaskKind.LanguageModel, bundle.Recipe, parse.GetValue(Compare) ? "'--compare'" : "'--by-subject'", "Leave it out.");
        }

        Show(output, ClassificationEvaluation.Of(bundle, file, rule, device, cancellation), EvaluationText.Write);
        return ExitCode.Done;
    }

    private static void Show<T>(Output output, T evaluation, Action<T, Output> describe)
    {
        if (output.Json)
        {
            output.WriteJson(evaluation);
            return;
        }

        describe(evaluation, output);
    }
}
