using System.Globalization;
using Sisa.Measurements;
using Sisa.Serving.Measuring;

namespace Sisa.Cli.Terminal;

/// <summary>Evaluations as people read them.</summary>
internal static class EvaluationText
{
    private static readonly string[] LanguageColumns = ["", "nats/token", "perplexity", "bits/byte"];

    /// <summary>Writes figures of classifiers.</summary>
    public static void Write(ClassificationEvaluation evaluation, Output output)
    {
        output.WriteData($"{Figures.Count(evaluation.Ensemble.Items, "item")} of {evaluation.File}, epoch {evaluation.Epoch}");
        var rows = evaluation.Constituents
            .Select(c => Row(c.Shard.ToString(), c.Figures))
            .Prepend(Row($"ensemble ({KebabName.Of(evaluation.Aggregation)})", evaluation.Ensemble));
        Grid.Write(output.Data, ["", "accuracy", "macro-F1", "log-loss", "calibration error"], rows, numbersRight: true);
        const int MaxLabels = 15;
        if (evaluation.Labels.Count <= MaxLabels)
        {
            output.WriteData("confusion (rows: right label, columns: answer)");
            Grid.Write(
                output.Data,
                ["", .. evaluation.Labels],
                evaluation.Confusion.Select((row, i) => (IReadOnlyList<string>)[evaluation.Labels[i], .. row.Select(n => Figures.Count(n))]),
                numbersRight: true);
        }
        else
        {
            output.Say($"'--json' writes the confusion table of {Counted.Of(evaluation.Labels.Count, "label")}.");
        }
    }

    /// <summary>Writes figures of language models.</summary>
    public static void Write(LanguageEvaluation evaluation, Output output)
    {
        var all = evaluation.Ensemble;
        output.WriteData($"{Figures.Count(all.Items, "text")} of {evaluation.File}: {Figures.Count(all.Tokens, "token")}, {Figures.Count(all.Bytes, "byte")}, epoch {evaluation.Epoch}");
        string[] nothing = [string.Empty];
        Grid.Write(
            output.Data,
            [.. LanguageColumns, "tokens/s"],
            [
                .. evaluation.Rules.Select(rule => (IReadOnlyList<string>)[.. Row($"ensemble ({KebabName.Of(rule.Aggregation)})", rule.Figures), Figures.Count(rule.TokensPerSecond)]),
                .. evaluation.Constituents.Select(c => (IReadOnlyList<string>)[.. Row(c.Shard.ToString(), c.Figures), .. nothing]),
            ],
            numbersRight: true);
        if (evaluation.Subjects.Count > 0)
        {
            Grid.Write(
                output.Data,
                [.. LanguageColumns, "texts", "tokens"],
                evaluation.Subjects.Select(s => (IReadOnlyList<string>)[.. Row(s.Subject, s.Figures), Figures.Count(s.Figures.Items), Figures.Count(s.Figures.Tokens)]),
                numbersRight: true);
        }

        output.Say("The mark at the end of a text counts as a token, and its cost is in the bits per byte. Bytes are those of the text only.");
    }

    private static string[] Row(string name, ClassificationFigures figures) =>
        [name, Figures.Share(figures.Accuracy), Number(figures.MacroF1), Number(figures.LogLoss), Number(figures.CalibrationError)];

    private static string[] Row(string name, LanguageFigures figures) =>
        [name, Number(figures.NatsPerToken), figures.Perplexity is { } perplexity ? Figures.Perplexity(perplexity, "0.000") : Figures.BeyondNumbers, Number(figures.BitsPerByte)];

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
