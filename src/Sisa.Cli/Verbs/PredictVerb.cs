using System.CommandLine;
using Sisa.Aggregation;
using Sisa.Cli.Terminal;
using Sisa.Corpora;
using Sisa.Readers;
using Sisa.Readers.Losses;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa predict</c>: rows in; labels and probabilities out, or what texts cost a language model, as they come.</summary>
internal static class PredictVerb
{
    private static readonly Argument<string> File = new("file")
    {
        Description = "Rows to answer, with the fields that the recipe maps as id. The format follows from the file's name and content, or else from the recipe. '-' reads JSON lines from standard input, which need no id.",
        DefaultValueFactory = _ => "-",
    };

    private static readonly Option<int?> BatchSize = new("--batch-size")
    {
        Description = "Rows that are answered together. Default: 256 from a file, 1 from standard input, which answers each row before it reads the next. The last digits of a probability depend on it.",
        HelpName = "ROWS",
    };

    public static Command Create() => new Command(
        "predict",
        "Answer rows with JSON lines on standard output: label and probabilities, or, from a language model, the cost of each text. 'sisa generate' writes texts.")
    {
        File, ServingOptions.From, ServingOptions.Device, ServingOptions.Aggregation, BatchSize, RowOptions.OnError,
    }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var file = parse.GetValue(File)!;
        var batchSize = parse.GetValue(BatchSize) ?? (file == "-" ? 1 : Answerer.BatchSize);
        if (batchSize is < 1 or > Answerer.BatchSize)
        {
            throw new UsageException($"'--batch-size {batchSize}' is not allowed.", $"Give 1 to {Answerer.BatchSize}.");
        }

        using var bundle = ServingOptions.OpenBundle(parse, output);
        var rule = ServingOptions.Rule(parse, bundle.Recipe);
        var device = parse.GetValue(ServingOptions.Device);
        var losses = new LossTally();
        var tell = RowOptions.TellSkipped(output);
        bool Skip(CorpusException fault)
        {
            losses.Add(fault);
            tell(fault);
            return true;
        }

        var options = new ReadOptions { ForPrediction = true, RequiresIds = file != "-", OnFault = RowOptions.Skips(parse) ? Skip : null, OnNotice = output.Warn };
        using var input = file == "-" ? Console.OpenStandardInput() : null;
        var items = input is null
            ? CorpusReader.Read(file, bundle.Recipe, options, cancellation)
            : CorpusReader.Read(input, "standard input", bundle.Recipe, options, cancellation);
        if (bundle.Recipe.Task == TaskKind.LanguageModel)
        {
            Score(bundle, rule, device, items, batchSize, output, cancellation);
        }
        else
        {
            Answer(bundle, rule, device, items, batchSize, output, cancellation);
        }

        LossView.Describe(losses.Losses, null, output);
        return ExitCode.Done;
    }

    private static void Answer(IBundleSource bundle, AggregationRule rule, string? device, IEnumerable<Item> items, int batchSize, Output output, CancellationToken cancellation)
    {
        using var answerer = new Answerer(bundle, rule, device);
        foreach (var batch in new RowBatches<Question>(items, Question.Of, batchSize).All(cancellation))
        {
            answerer.Answer(batch, (item, _, joined, chosen) => output.WriteJsonLine(Prediction.Of(batch[item].Id, bundle.Recipe.Labels, joined, chosen, answerer.Epoch)));
            output.Data.Flush();
        }
    }

    private static void Score(IBundleSource bundle, AggregationRule rule, string? device, IEnumerable<Item> items, int batchSize, Output output, CancellationToken cancellation)
    {
        using var scorer = new TextScorer(bundle, device);
        foreach (var batch in new RowBatches<Passage>(items, Passage.Of, batchSize, passage => passage.Tokens.Length, TextScorer.BatchBytes).All(cancellation))
        {
            scorer.Refresh();
            var scores = scorer.Score(batch, rule);
            for (var i = 0; i < batch.Count; i++)
            {
                output.WriteJsonLine(TextCost.Of(batch[i], scores[i].Joined[rule], scorer.Epoch));
            }

            output.Data.Flush();
        }
    }
}
