using System.CommandLine;
using System.Text.Json.Nodes;
using Sisa.Cli.Serving;
using Sisa.Cli.Terminal;
using Sisa.Readers;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa predict</c>: rows in, labels and probabilities out, as they come.</summary>
internal static class PredictVerb
{
    private static readonly Argument<string> File = new("file")
    {
        Description = "Rows to answer in the corpus's format; '-' reads JSON lines from standard input.",
        DefaultValueFactory = _ => "-",
    };

    private static readonly Option<int?> BatchSize = new("--batch-size")
    {
        Description = "Rows answered together: 256 from a file, 1 from standard input, where each row is answered before the next is awaited. The last digits of a probability depend on it.",
        HelpName = "ROWS",
    };

    private static readonly Option<Training.AggregationRule?> Aggregation = NamedOption.Create<Training.AggregationRule>("--aggregation", "Join answers in another way than the recipe says.");

    public static Command Create() => new Command("predict", "Answer rows: JSON lines with label and probabilities on standard output.") { File, ServingOptions.From, ServingOptions.Device, Aggregation, BatchSize }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var file = parse.GetValue(File)!;
        var batchSize = parse.GetValue(BatchSize) ?? (file == "-" ? 1 : Answerer.BatchSize);
        if (batchSize is < 1 or > Answerer.BatchSize)
        {
            throw new UsageException($"'--batch-size {batchSize}' is not possible.", $"Give 1 to {Answerer.BatchSize}.");
        }

        using var bundle = ServingOptions.OpenBundle(parse);
        using var answerer = new Answerer(bundle, parse.GetValue(Aggregation) ?? bundle.Recipe.Aggregation, parse.GetValue(ServingOptions.Device));
        var options = new ReadOptions { ForPrediction = true };
        using var input = file == "-" ? Console.OpenStandardInput() : null;
        var items = input is null
            ? CorpusReader.Read(file, bundle.Recipe, options, cancellation)
            : CorpusReader.Read(input, "standard input", bundle.Recipe, options, cancellation);

        var batches = new QuestionBatches(items, batchSize);
        while (batches.Next(cancellation) is { Count: > 0 } batch)
        {
            answerer.Answer(batch, (item, _, joined, chosen) => Write(output, bundle.Recipe.Labels, batch[item], answerer.Epoch, joined, chosen));
            output.Data.Flush();
        }

        return ExitCode.Done;
    }

    private static void Write(Output output, IReadOnlyList<string> labels, Question question, long epoch, ReadOnlySpan<float> probabilities, int chosen)
    {
        var byLabel = new JsonObject();
        for (var i = 0; i < labels.Count; i++)
        {
            byLabel[labels[i]] = probabilities[i];
        }

        output.WriteJsonLine(new JsonObject { ["id"] = question.Id, ["label"] = labels[chosen], ["probabilities"] = byLabel, ["epoch"] = epoch });
    }
}
