using System.Diagnostics;
using System.Globalization;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Perceptron;
using Sisa.Training;

namespace Sisa.Bench.Studies;

/// <summary>How soon nothing that is served has seen an item any more, what a second worker is worth, and what checkpoints and everything else around the steps take.</summary>
/// <remarks>Usage: <c>./build.sh bench speed</c>. Whole commands, process start included, on the corpus of <see cref="ReferenceStudy"/>.</remarks>
internal static class SpeedStudy
{
    private const int Repeats = 11;

    public static void Run()
    {
        var folder = Path.Combine(Path.GetTempPath(), "sisa-bench-speed");
        Directory.CreateDirectory(folder);
        try
        {
            ReferenceStudy.WriteCorpus(Path.Combine(folder, "bits.jsonl"), ReferenceStudy.Items);
            ReferenceStudy.WriteCorpus(Path.Combine(folder, "few.jsonl"), 60);
            var result = new StudyResult("Fallback, workers, checkpoints", "./build.sh bench speed");
            Fallback(folder, result);
            Workers(folder, result);
            Overhead(folder, result);
            result.Write("speed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The whole command, its end included: an upper bound for the moment at which the fallback is published.
    private static void Fallback(string folder, StudyResult result)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (var (name, hidden) in new[] { ("1 MB", "[380]"), ("1 GB", "[15500, 15500]") })
        {
            var sisa = ReferenceStudy.Prepare(folder, $"fallback-{name[..1]}{name[^2..]}", new ReferenceStore(Shards: 1, Slices: 2, Epochs: 1.5, Hidden: hidden, Corpus: "few.jsonl"));
            var store = $"fallback-{name[..1]}{name[^2..]}";
            sisa.Run("train", "--store", store, "--workers", "1");
            var bytes = Directory.EnumerateFiles(Path.Combine(folder, store, "checkpoints"), "*", SearchOption.AllDirectories).Max(path => new FileInfo(path).Length);
            double[] seconds = [.. Enumerable.Range(0, Repeats).Select(i => sisa.Run("forget", "--store", store, "--defer", "--item", $"item-{i:00000}").Seconds).Order()];
            rows.Add([name, (bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture), Milliseconds(seconds[Repeats / 2]), $"{Milliseconds(seconds[0])}–{Milliseconds(seconds[^1])}"]);
            Directory.Delete(Path.Combine(folder, store), recursive: true);
        }

        result.Say($"`sisa forget --defer` of one item: process start, receipt, fallback published, process end. Median of {Repeats}.");
        result.Table(["weights", "checkpoint, MB", "milliseconds", "range"], rows);
    }

    private static void Workers(string folder, StudyResult result)
    {
        var rows = new List<IReadOnlyList<string>>();
        double alone = 0;
        foreach (var workers in new[] { 1, 2 })
        {
            var store = $"workers-{workers}";
            var sisa = ReferenceStudy.Prepare(folder, store, new ReferenceStore(Shards: 4, Slices: 4, Epochs: 120));
            var train = sisa.Run("train", "--store", store, "--workers", $"{workers}");
            var seconds = train.PublishedAfter!.Value;
            alone = workers == 1 ? seconds : alone;
            var visits = train.Json!["visits"]!.GetValue<double>();
            rows.Add([$"{workers}", visits.ToString("N0", CultureInfo.InvariantCulture), Number(seconds, "0.00"), (visits / seconds).ToString("N0", CultureInfo.InvariantCulture), Number(alone / seconds, "0.00") + "×"]);
        }

        result.Say("`sisa train`, 40,000 items, S=4 R=4 E=120, up to the published bundle.");
        result.Table(["workers", "visits", "seconds", "items/s", "speed-up"], rows);
    }

    private static void Overhead(string folder, StudyResult result)
    {
        var step = SecondsOfAStepPerItem();
        var rows = new List<IReadOnlyList<string>>();
        foreach (var (shards, slices, epochs) in new[] { (5, 4, 60.0), (20, 50, 20.0) })
        {
            var name = $"overhead-{slices}";
            var sisa = ReferenceStudy.Prepare(folder, name, new ReferenceStore(shards, slices, epochs));
            var train = sisa.Run("train", "--store", name, "--workers", "1");
            var idle = Enumerable.Range(0, 5).Select(_ => sisa.Run("train", "--store", name, "--workers", "1").Seconds).Order().ElementAt(2);
            var (visits, stages) = (train.Json!["visits"]!.GetValue<double>(), train.Json!["stages"]!.GetValue<double>());
            var (seconds, steps) = (train.PublishedAfter!.Value - idle, visits * step);
            rows.Add([$"S={shards} R={slices} E={epochs:0}", Number(1000 * seconds / stages, "0.0"), Number(1000 * steps / stages, "0.0"), Number(1000 * (seconds - steps) / stages, "0.0"), Number(100 * (seconds - steps) / seconds, "0.0") + " %"]);
        }

        result.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"`sisa train --workers 1`, less what the same command takes with nothing to do, against the steps alone, {1e6 * step:0.00} µs an item with loading, measured in this process just before. What is left is an upper bound for checkpoints: the order of items, opening slices, event files, rows and the noise between the two are in it."));
        result.Table(["store", "ms a stage", "of it steps", "everything else", "share"], rows);
    }

    private static double SecondsOfAStepPerItem()
    {
        const int Items = 8192;
        const int BatchSize = 16;
        var recipe = new Recipe
        {
            Labels = [.. Enumerable.Range(0, 100).Select(i => $"{i}")],
            Features = new FeatureOptions { Vector = new VectorFeature("bits", 600, 0, 1) },
            Model = new MlpOptions { Hidden = [128], Activation = Activation.Tanh },
            Training = new TrainingOptions { BatchSize = BatchSize, Optimizer = OptimizerKind.Sgd, LearningRate = 0.05 },
        };
        var layout = FeatureLayout.Of(recipe);
        var architecture = new MlpArchitecture((MlpOptions)recipe.Model, layout, recipe.Labels.Count);
        using var state = new PerceptronState(new ParameterLayout(architecture.Parameters), recipe.Training);
        state.Layout.Initialise(state.Values, seed: 17, shard: 0);
        using var step = new PerceptronStep(architecture, state, recipe.Training);
        using var batch = new PerceptronBatch(layout, BatchSize);
        var items = new RandomBits(Items, 600, 100);
        int[] order = [.. Enumerable.Range(0, Items).Select(i => (int)((long)i * 5003 % Items))];
        var best = double.MaxValue;
        for (var round = 0; round < 8; round++)
        {
            var clock = Stopwatch.StartNew();
            for (var start = 0; start < Items; start += BatchSize)
            {
                batch.Load(items, order.AsSpan(start, BatchSize));
                step.Run(batch, 0.05);
            }

            best = Math.Min(best, clock.Elapsed.TotalSeconds / Items);
        }

        return best;
    }

    private static string Milliseconds(double seconds) => Number(1000 * seconds, "0");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
