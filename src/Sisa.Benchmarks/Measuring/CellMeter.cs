using System.Globalization;
using System.Text.Json.Nodes;
using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;
using Sisa.Engine.Training.Launching;
using Sisa.Readers.Recipes;
using Sisa.Storage.Files;

namespace Sisa.Benchmarks.Measuring;

/// <summary>Makes a store for one cell of the grid, trains it, forgets from it, and takes the time; the store is removed afterwards.</summary>
/// <param name="command">How the program is started.</param>
/// <param name="scratch">Folder for corpora and stores.</param>
/// <param name="design">The study.</param>
public sealed class CellMeter(WorkerCommand command, string scratch, CostDesign design)
{
    // Draws of the counting have small numbers.
    private const long MeasuredDraw = 1_000_000;

    /// <summary>Measures a cell.</summary>
    /// <param name="dataset">Its items.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    /// <exception cref="EnvironmentException">The program failed.</exception>
    public CellMeasurement Measure(GeneratedDataset dataset, GridCell cell, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var (training, heldOut) = WriteCorpus(dataset, cancellation);
        var folder = Path.Combine(scratch, "store");
        RemoveFolder(folder);
        DurableFile.CreateFolder(folder);
        var program = new SisaProgram(command, folder);
        CommandRun Run(params string[] arguments) => program.Run(arguments, cancellation);
        DurableFile.Write(Path.Combine(folder, "sisa.yaml"), System.Text.Encoding.UTF8.GetBytes(RecipeWriter.Write(dataset.RecipeOf(cell, design))));
        DurableFile.Write(Path.Combine(folder, "assignment.key"), dataset.Key.ToFileBytes(), ownerOnly: true);
        Run("init", "--recipe", "sisa.yaml", "--assignment-key", "assignment.key");
        var ingested = Run("ingest", training);
        var account = dataset.Account(cell, design);
        var trained = Run("train", "--workers", Workers);
        var evaluated = Run("evaluate", heldOut);
        var status = Run("status").Json!;
        var measurement = new CellMeasurement
        {
            Cell = cell,
            Items = ingested.Json!["items"]!.GetValue<long>(),
            IngestSeconds = ingested.Seconds,
            TrainSeconds = trained.PublishedSeconds ?? trained.Seconds,
            TrainVisits = trained.Json!["visits"]!.GetValue<double>(),
            TrainVisitsCounted = account.FullVisits,
            CheckpointBytes = status["checkpoints"]!.AsArray().Sum(c => c!["bytes"]!.GetValue<long>()),
            Accuracy = AccuracyOf(evaluated.Json!),
            Forgets = design.IsTimed(cell) ? [.. Forget(program, dataset.Population, account, cancellation)] : [],
            Environment = EnvironmentOf(status["environments"]!.AsArray()[0]!),
        };
        RemoveFolder(folder);
        return measurement;
    }

    private string Workers => design.Workers.ToString(CultureInfo.InvariantCulture);

    // All numbers of requests are measured in the same store, one after the other. Forgotten items stay forgotten, and the account includes that.
    private IEnumerable<MeasuredForget> Forget(SisaProgram program, Population population, CellAccount account, CancellationToken cancellation)
    {
        var requesters = new Queue<int>(RequestDraw.Of(population, RequestPattern.Uniform, design, MeasuredDraw, design.MeasuredRequests.Sum() * design.Repeats));
        foreach (var count in design.MeasuredRequests)
        {
            for (var repeat = 0; repeat < design.Repeats; repeat++)
            {
                int[] forgotten = [.. Enumerable.Range(0, count).Select(_ => requesters.Dequeue())];
                Array.ForEach(forgotten, account.Strike);
                var work = account.Retrain([.. forgotten.SelectMany(account.PlacesOf).Distinct()]);
                var run = program.Run(["forget", "--workers", Workers, "--subject", .. forgotten.Select(number => population.Requesters[number].Subject)], cancellation);
                var told = run.Json!["training"]!;
                yield return new MeasuredForget(
                    count, work, told["visits"]!.GetValue<double>(), told["stages"]!.GetValue<int>(), run.PublishedSeconds ?? run.Seconds, run.Seconds);
                if (work.BusiestVisits > design.RepeatedVisits)
                {
                    break;
                }
            }
        }
    }

    private (string Training, string HeldOut) WriteCorpus(GeneratedDataset dataset, CancellationToken cancellation)
    {
        var training = Path.Combine(scratch, $"{dataset.Name}.jsonl");
        var heldOut = Path.Combine(scratch, $"{dataset.Name}-held-out.jsonl");
        if (File.Exists(training) && File.Exists(heldOut))
        {
            return (training, heldOut);
        }

        DurableFile.CreateFolder(scratch);

        // Under another name until it is whole: an interruption must not leave half a corpus that the next run takes for one.
        var (partialTraining, partialHeldOut) = (training + DurableFile.TemporarySuffix, heldOut + DurableFile.TemporarySuffix);
        using (var trainingWriter = new StreamWriter(partialTraining))
        using (var heldOutWriter = new StreamWriter(partialHeldOut))
        {
            dataset.Corpus.Write(trainingWriter, heldOutWriter, item => CostDataset.RiskOf(PatternCorpus.IdOf(item), design), cancellation);
        }

        File.Move(partialHeldOut, heldOut, overwrite: true);
        File.Move(partialTraining, training, overwrite: true);
        return (training, heldOut);
    }

    private static MeasuredAccuracy AccuracyOf(JsonNode evaluation)
    {
        double[] constituents = [.. evaluation["constituents"]!.AsArray().Select(c => c!["figures"]!["accuracy"]!.GetValue<double>())];
        var ensemble = evaluation["ensemble"]!;
        return new MeasuredAccuracy(ensemble["items"]!.GetValue<long>(), ensemble["accuracy"]!.GetValue<double>(), constituents.Average(), constituents.Min(), constituents.Max());
    }

    private static MeasuredEnvironment EnvironmentOf(JsonNode environment) =>
        new((string?)environment["libtorch"], (string?)environment["torchSharp"]);

    private static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
