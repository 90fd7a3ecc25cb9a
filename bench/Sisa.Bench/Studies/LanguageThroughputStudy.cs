using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sisa.Sharding;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Bench.Studies;

/// <summary>Tokens a second of whole trainings, from the command to the published bundle, against loops that somebody writes by hand in as many processes.</summary>
/// <remarks>Usage: <c>./build.sh bench language-throughput</c>. The two alternate, so that whatever else the machine does falls on both.</remarks>
internal static class LanguageThroughputStudy
{
    private const int Documents = 3072;
    private const int Rounds = 3;

    public static void Run()
    {
        var folder = Path.Combine(Path.GetTempPath(), "sisa-bench-language");
        Directory.CreateDirectory(folder);
        try
        {
            var options = TrainedDecoder.Options;
            WriteCorpus(Path.Combine(folder, "random.jsonl"), options.Context - 1);
            var result = new StudyResult("Training a decoder against a loop by hand", "./build.sh bench language-throughput");
            result.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"Decoder of {options.Layers} layers, {options.Width} wide, {options.Heads} heads, vocabulary {options.Vocabulary}, {options.Shape.Parameters:N0} parameters; {TrainedDecoder.Windows} windows of {options.Context} tokens a step, AdamW, clipped gradients, one thread a process. The loop by hand: modules, autograd, torch.optim. Sisa: `sisa train` from process start to the published bundle, with packing, masks, slices read and verified, checkpoints and fsync. Medians of {Rounds} rounds that alternate."));
            var rows = new[] { 1, 2 }.Select(workers => Compare(folder, workers)).ToArray();
            result.Table(["processes", "loop by hand, tokens/s", "Sisa, tokens/s", "Sisa against the loop"], rows);
            result.Say("Where the time of one step of Sisa goes, each part measured by itself in one process:");
            result.Table(["part", "µs a token", "share"], Profile());
            result.Write("language-throughput");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Compare(string folder, int workers)
    {
        var tokens = (long)Documents * TrainedDecoder.Options.Context;
        var sisa = new SisaProgram(folder);
        var (loop, own) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            loop.Add(tokens / Loops(workers, tokens / workers));
            var store = $"store-{workers}-{round}";
            sisa.Run("init", "--recipe", Recipe(folder, workers), "--store", store);
            sisa.Run("ingest", "random.jsonl", "--store", store);
            var (json, seconds, published) = sisa.Run("train", "--store", store, "--workers", $"{workers}");
            _ = json!["visits"]!.GetValue<long>() == Documents ? 0 : throw new InvalidOperationException("The training visited something else than every document once.");
            own.Add(tokens / (published ?? seconds));
        }

        var (ours, theirs) = (own.Order().ElementAt(Rounds / 2), loop.Order().ElementAt(Rounds / 2));
        return [$"{workers}", theirs.ToString("N0", CultureInfo.InvariantCulture), ours.ToString("N0", CultureInfo.InvariantCulture), $"{ours / theirs:0.00}×"];
    }

    // The slowest of some processes at once: whoever waits for all of them waits for that one.
    private static double Loops(int processes, long tokens)
    {
        var clock = Stopwatch.StartNew();
        var all = Enumerable.Range(0, processes).Select(_ =>
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["plain-loop", $"{tokens}"]) { RedirectStandardOutput = true, UseShellExecute = false };
            foreach (var variable in new[] { "OMP_NUM_THREADS", "MKL_NUM_THREADS" })
            {
                start.Environment[variable] = "1";
            }

            return Process.Start(start)!;
        }).ToArray();
        foreach (var process in all)
        {
            process.WaitForExit();
            process.Dispose();
        }

        return clock.Elapsed.TotalSeconds;
    }

    private static IEnumerable<string[]> Profile()
    {
        using var decoder = new TrainedDecoder();
        var (plan, parameters) = (decoder.Steps.Plan, decoder.Parameters);
        var source = new FullWindows(TrainedDecoder.Windows);
        int[] order = [.. Enumerable.Range(0, TrainedDecoder.Windows)];
        double Time(Action action)
        {
            const int Repeats = 40;
            action();
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < Repeats; i++)
            {
                action();
            }

            return clock.Elapsed.TotalMicroseconds / Repeats / (TrainedDecoder.Windows * TrainedDecoder.Options.Context);
        }

        void Forward(bool backward)
        {
            using var scope = torch.NewDisposeScope();
            using var grad = torch.set_grad_enabled(backward);
            var loss = functional.cross_entropy(decoder.Architecture.Logits(parameters, decoder.Steps.Batch), decoder.Steps.Batch.Labels_B);
            if (backward)
            {
                loss.backward();
                parameters.AddLookupGradients();
            }
        }

        var load = Time(() =>
        {
            plan.Begin(source, order);
            plan.Load(0);
        });
        var forward = Time(() => Forward(backward: false));
        var both = Time(() => Forward(backward: true));
        var update = Time(() => decoder.Optimizer.Step(1e-3));
        var whole = Time(() => decoder.Step.Run(decoder.Steps.Batch, 1e-3)) + load;
        foreach (var (name, time) in new[] { ("packing and loading windows", load), ("forward and loss", forward), ("backward", both - forward), ("clipping and AdamW", update), ("whole step", whole) })
        {
            yield return [name, time.ToString("0.0", CultureInfo.InvariantCulture), time < 0 ? "–" : (time / whole).ToString("P0", CultureInfo.InvariantCulture)];
        }
    }

    private static string Recipe(string folder, int shards)
    {
        var path = Path.Combine(folder, $"recipe-{shards}.yaml");
        File.WriteAllText(path, $$"""
            name: random
            task: language-model
            corpus: { fields: { id: id, text: text } }
            ensemble: { shards: {{shards}}, slices: 1 }
            model: { kind: decoder, layers: {{TrainedDecoder.Options.Layers}}, width: {{TrainedDecoder.Options.Width}}, heads: {{TrainedDecoder.Options.Heads}}, context: {{TrainedDecoder.Options.Context}} }
            training: { epochs: 1, batchSize: {{TrainedDecoder.Windows}}, learningRate: 1e-3, weightDecay: 0.1, clip: 1 }
            """);
        return path;
    }

    // With its two marks each text fills one window.
    private static void WriteCorpus(string path, int letters)
    {
        var generator = new SeededGenerator(Seeds.Derive(17, "random texts"));
        using var writer = new StreamWriter(path);
        for (var i = 0; i < Documents; i++)
        {
            var text = string.Concat(Enumerable.Range(0, letters).Select(_ => (char)('a' + generator.NextInt32(26))));
            writer.WriteLine(JsonSerializer.Serialize(new JsonObject { ["id"] = i, ["text"] = text }));
        }
    }
}
