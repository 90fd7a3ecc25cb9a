using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json.Nodes;
using Sisa.Cli.Serving;
using Sisa.Cli.Terminal;
using Sisa.Corpora;
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

    private static readonly Option<Training.AggregationRule?> Aggregation = NamedOption.Create<Training.AggregationRule>("--aggregation", "Join answers in another way than the recipe says.");

    public static Command Create() => new Command("predict", "Answer rows: JSON lines with label and probabilities on standard output.") { File, ServingOptions.From, Aggregation }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var bundle = ServingOptions.OpenBundle(parse);
        using var answerer = new Answerer(bundle, parse.GetValue(Aggregation) ?? bundle.Recipe.Aggregation);
        var file = parse.GetValue(File)!;
        var options = new ReadOptions { ForPrediction = true };
        using var input = file == "-" ? Console.OpenStandardInput() : null;
        var items = input is null
            ? CorpusReader.Read(file, bundle.Recipe, options, cancellation)
            : CorpusReader.Read(input, "standard input", bundle.Recipe, options, cancellation);
        foreach (var batch in Batches(items, cancellation))
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

    // A batch is whatever has arrived, so that a row on a pipe is answered without waiting for the next.
    private static IEnumerable<IReadOnlyList<Question>> Batches(IEnumerable<Item> items, CancellationToken cancellation)
    {
        using var arrived = new BlockingCollection<Question>(Answerer.BatchSize * 4);
        var reading = Task.Run(
            () =>
            {
                try
                {
                    foreach (var item in items)
                    {
                        arrived.Add(Question.Of(item), cancellation);
                    }
                }
                finally
                {
                    arrived.CompleteAdding();
                }
            },
            cancellation);
        var batch = new List<Question>(Answerer.BatchSize);
        foreach (var question in arrived.GetConsumingEnumerable(cancellation))
        {
            batch.Add(question);
            while (batch.Count < Answerer.BatchSize && arrived.TryTake(out var next))
            {
                batch.Add(next);
            }

            yield return batch;
            batch.Clear();
        }

        // A bad row ends the reading; what came before it has been answered.
        reading.GetAwaiter().GetResult();
    }
}
