using System.CommandLine;
using System.Globalization;
using Sisa.Aggregation;
using Sisa.Cli.Serving;
using Sisa.Cli.Terminal;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa evaluate</c>: how good the ensemble and its constituents are on held-out data.</summary>
internal static class EvaluateVerb
{
    private static readonly Argument<string?> File = new("file") { Description = "Held-out rows with labels; default: the recipe's evaluation file.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<AggregationRule?> Aggregation = NamedOption.Create<AggregationRule>("--aggregation", "Join answers in another way than the recipe says.");

    public static Command Create() => new Command("evaluate", "Measure the ensemble and each constituent on held-out data.") { File, Aggregation, ServingOptions.From, ServingOptions.Device }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var bundle = ServingOptions.OpenBundle(parse);
        var file = parse.GetValue(File) ?? bundle.Recipe.Evaluation.File
            ?? throw new UsageException("No file is named, and the recipe has no evaluation file.", "Give a file with held-out rows.");
        var evaluation = Evaluation.Of(bundle, file, parse.GetValue(Aggregation) ?? bundle.Recipe.Aggregation, parse.GetValue(ServingOptions.Device), cancellation);
        if (output.Json)
        {
            output.WriteJson(evaluation);
            return ExitCode.Done;
        }

        Describe(evaluation, output);
        return ExitCode.Done;
    }

    private static void Describe(Evaluation evaluation, Output output)
    {
        output.WriteData($"{Figures.Count(evaluation.Ensemble.Items, "item")} of {evaluation.File}, epoch {evaluation.Epoch}");
        var rows = evaluation.Constituents
            .Select(c => Row(c.Shard.ToString(), c.Figures))
            .Prepend(Row($"ensemble ({KebabName.Of(evaluation.Aggregation)})", evaluation.Ensemble));
        Grid.Write(output.Data, ["", "accuracy", "macro-F1", "log-loss", "calibration error"], rows, numbersRight: true);
        const int MaxLabels = 15;
        if (evaluation.Labels.Count <= MaxLabels)
        {
            output.WriteData("confusion (rows: right label, columns: chosen)");
            Grid.Write(
                output.Data,
                ["", .. evaluation.Labels],
                evaluation.Confusion.Select((row, i) => (IReadOnlyList<string>)[evaluation.Labels[i], .. row.Select(n => Figures.Count(n))]),
                numbersRight: true);
        }
        else
        {
            output.Say($"The confusion table of {evaluation.Labels.Count} labels is in the output of '--json'.");
        }
    }

    private static string[] Row(string name, ClassificationFigures figures) =>
    [
        name,
        Figures.Share(figures.Accuracy),
        figures.MacroF1.ToString("0.000", CultureInfo.InvariantCulture),
        figures.LogLoss.ToString("0.000", CultureInfo.InvariantCulture),
        figures.CalibrationError.ToString("0.000", CultureInfo.InvariantCulture),
    ];
}
