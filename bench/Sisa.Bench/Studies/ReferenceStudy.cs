using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sisa.Sharding;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Bench.Studies;

/// <summary>The reference implementation's work on data of the same shape: 40,000 items of 600 bits, 100 classes, MLP 600-128(tanh)-100,
/// batches of 16, plain SGD.</summary>
/// <remarks>Usage: <c>./build.sh bench reference [DRAWS]</c>. The reference's seconds come from another machine; a bare TorchSharp loop of the
/// same model, run here in the same minutes, scales them (docs/LOG.md).</remarks>
internal static class ReferenceStudy
{
    /// <summary>Items of the corpus.</summary>
    public const int Items = 40_000;
    private const int Bits = 600;
    private const int Classes = 100;
    private const int BatchSize = 16;

    // Measured for the reference, two cores, torch 1.13: see docs/benchmarks.md.
    private const double ReferenceLoopItemsPerSecond = 47_000;
    private const double ReferencePassesItemsPerSecond = 45_000;
    private const double ReferenceForget8Seconds = 27.8;
    private const double ReferenceForget8Visits = 133_998;
    private const double ReferenceForget1Seconds = 6.3;
    private const double ReferenceTrainSeconds = 10.1;
    private const double ReferenceTrainVisits = 160_000;

    public static void Run(int draws)
    {
        var folder = Path.Combine(Path.GetTempPath(), "sisa-bench-reference");
        Directory.CreateDirectory(folder);
        try
        {
            WriteCorpus(Path.Combine(folder, "bits.jsonl"), Items);
            var result = new StudyResult("Against the reference implementation's work", $"./build.sh bench reference {draws}");
            var loop = PlainLoop();
            var scale = ReferenceLoopItemsPerSecond / loop;
            result.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"A bare TorchSharp loop (modules, autograd, torch.optim) of this model does {loop:N0} items/s on one core here; where the reference's seconds were taken it does {ReferenceLoopItemsPerSecond:N0}. Reference seconds are multiplied by {scale:0.00}."));
            var rows = new List<IReadOnlyList<string>>();
            Small(folder, scale, draws, result, rows);
            Large(folder, scale, draws, result, rows);
            result.Say("Wall seconds of whole commands: process start, planning, training, checkpoints with fsync, up to the published bundle (the purge follows it). Medians over seeded draws.");
            result.Table(["work", "visits", "seconds", "seconds, range", "items/s", "reference visits", "reference seconds, scaled", "seconds per visit against the reference"], rows);
            result.Write("reference");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Small(string folder, double scale, int draws, StudyResult result, List<IReadOnlyList<string>> rows)
    {
        var sisa = Prepare(folder, "small", new ReferenceStore(Shards: 5, Slices: 4, Epochs: 4));
        var train = sisa.Run("train", "--store", "small", "--workers", "1");
        var idle = Enumerable.Range(0, 5).Select(_ => sisa.Run("train", "--store", "small", "--workers", "1").Seconds).Order().ElementAt(2);
        var training = Visits(train.Json!) / (Published(train) - idle);
        result.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Training throughput of one core, data path, checkpoints and fsync included: {training:N0} items/s. It is {Visits(train.Json!):N0} visits in the {Published(train):0.00} s of the first row, less the {idle:0.00} s that the same command takes with nothing to do. The reference's forward and backward passes alone do {ReferencePassesItemsPerSecond:N0} items/s, scaled {ReferencePassesItemsPerSecond / scale:N0}."));
        rows.Add(Row("N=40k S=5 R=4 E=4, train, 1 worker", [Published(train)], Visits(train.Json!), ReferenceTrainVisits, ReferenceTrainSeconds * scale));
        var forgets = Forget(sisa, "small", draws, 1000, 1);
        rows.Add(Row("same, forget 1 item", [.. forgets.Select(Published)], forgets.Average(f => TrainingVisits(f.Json!)), 31_994, ReferenceForget1Seconds * scale));
    }

    private static void Large(string folder, double scale, int draws, StudyResult result, List<IReadOnlyList<string>> rows)
    {
        var sisa = Prepare(folder, "large", new ReferenceStore(Shards: 20, Slices: 50, Epochs: 20));
        var train = sisa.Run("train", "--store", "large");
        rows.Add(Row("N=40k S=20 R=50 E=20, train, all cores", [Published(train)], Visits(train.Json!), null, null));
        var forgets = Forget(sisa, "large", draws, 2000, 8);
        rows.Add(Row("same, forget 8 items", [.. forgets.Select(Published)], forgets.Average(f => TrainingVisits(f.Json!)), ReferenceForget8Visits, ReferenceForget8Seconds * scale));
        double[] shares = [.. forgets.Select(f => Published(train) / Published(f) / (Visits(train.Json!) / TrainingVisits(f.Json!))).Order()];
        double[] rest = [.. forgets.Select(f => f.Seconds - Published(f)).Order()];
        result.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Forgetting 8 items against training everything from scratch, both whole commands: {100 * shares[draws / 2]:0} % (median; {100 * shares[0]:0}–{100 * shares[^1]:0} %) of the ratio of visits. What follows the publication, measuring, searching 466 MB for what was forgotten, and certifying it, takes {rest[draws / 2]:0.0} s more."));
    }

    // Some seconds apart: a file system looks longer for room just after many files were removed, as the purge before does.
    private static (JsonNode? Json, double Seconds, double? PublishedAfter)[] Forget(SisaProgram sisa, string store, int draws, int seed, int items) =>
    [
        .. Enumerable.Range(0, draws).Select(draw =>
        {
            Thread.Sleep(TimeSpan.FromSeconds(6));
            return sisa.Run(["forget", "--store", store, "--item", .. Draw(seed + draw, items)]);
        }),
    ];


    /// <summary>Makes a store and ingests its corpus.</summary>
    public static SisaProgram Prepare(string folder, string store, ReferenceStore shape)
    {
        var sisa = new SisaProgram(folder);
        File.WriteAllText(Path.Combine(folder, "sisa.yaml"), $$"""
            name: reference
            corpus: { fields: { id: id, label: label } }
            labels: [{{string.Join(", ", Enumerable.Range(0, Classes).Select(c => $"\"{c}\""))}}]
            features: { vector: { field: bits, length: {{Bits}}, min: 0, max: 1 } }
            ensemble: { shards: {{shape.Shards}}, slices: {{shape.Slices}} }
            model: { kind: mlp, hidden: {{shape.Hidden}}, activation: tanh }
            training: { epochs: {{shape.Epochs.ToString(CultureInfo.InvariantCulture)}}, batchSize: {{BatchSize}}, optimizer: sgd, learningRate: 0.05 }
            """);
        sisa.Run("init", "--store", store, "--recipe", "sisa.yaml");
        sisa.Run("ingest", "--store", store, shape.Corpus);
        return sisa;
    }

    private static double Published((JsonNode? Json, double Seconds, double? PublishedAfter) run) => run.PublishedAfter ?? throw new InvalidOperationException("The command told of no publication.");

    private static double Visits(JsonNode json) => json["visits"]!.GetValue<double>();

    private static double TrainingVisits(JsonNode json) => json["training"]!["visits"]!.GetValue<double>();

    private static string[] Row(string work, double[] seconds, double visits, double? referenceVisits, double? referenceSeconds)
    {
        Array.Sort(seconds);
        var median = seconds[seconds.Length / 2];
        string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
        return
        [
            work,
            Text(visits, "N0"),
            Text(median, "0.00"),
            $"{Text(seconds[0], "0.00")}–{Text(seconds[^1], "0.00")}",
            Text(visits / median, "N0"),
            Text(referenceVisits, "N0"),
            Text(referenceSeconds, "0.0"),
            referenceSeconds is null ? "–" : $"1/{Text(referenceSeconds.Value / referenceVisits!.Value / (median / visits), "0.0")}",
        ];
    }

    private static string[] Draw(int seed, int count)
    {
        var generator = new SeededGenerator(Seeds.Derive((ulong)seed, "draw"));
        var drawn = new HashSet<int>();
        while (drawn.Count < count)
        {
            drawn.Add(generator.NextInt32(Items));
        }

        return [.. drawn.Select(i => $"item-{i:00000}")];
    }

    // A hundred random prototypes; each item is one of them with every tenth bit flipped.
    public static void WriteCorpus(string path, int items)
    {
        var generator = new SeededGenerator(Seeds.Derive(1, "corpus"));
        var prototypes = Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, Bits).Select(_ => (int)(generator.NextUInt64() >> 63)).ToArray()).ToArray();
        using var writer = new StreamWriter(path);
        var line = new StringBuilder();
        for (var i = 0; i < items; i++)
        {
            var label = generator.NextInt32(Classes);
            line.Clear().Append(CultureInfo.InvariantCulture, $"{{\"id\":\"item-{i:00000}\",\"label\":\"{label}\",\"bits\":[");
            line.AppendJoin(',', prototypes[label].Select(bit => generator.NextInt32(10) == 0 ? 1 - bit : bit)).Append("]}");
            writer.WriteLine(line);
        }
    }

    private static double PlainLoop()
    {
        NativeRuntime.Start(new Recipe());
        using var model = Sequential(("hidden", Linear(Bits, 128)), ("tanh", Tanh()), ("output", Linear(128, Classes)));
        using var optimizer = torch.optim.SGD(model.parameters(), 0.05);
        using var loss = CrossEntropyLoss();
        using var x_BF = torch.rand(BatchSize, Bits);
        using var y_B = torch.randint(0, Classes, BatchSize);
        double best = 0;
        for (var round = 0; round < 4; round++)
        {
            const int Steps = 2500;
            var clock = Stopwatch.StartNew();
            for (var step = 0; step < Steps; step++)
            {
                using var scope = torch.NewDisposeScope();
                optimizer.zero_grad();
                loss.forward(model.forward(x_BF), y_B).backward();
                optimizer.step();
            }

            best = Math.Max(best, Steps * BatchSize / clock.Elapsed.TotalSeconds);
        }

        return best;
    }
}

/// <summary>A store of the study.</summary>
/// <param name="Shards">S.</param>
/// <param name="Slices">R.</param>
/// <param name="Epochs">Passes over the shard.</param>
/// <param name="Hidden">Widths of the hidden layers.</param>
/// <param name="Corpus">File of its items.</param>
internal sealed record ReferenceStore(int Shards, int Slices, double Epochs, string Hidden = "[128]", string Corpus = "bits.jsonl");
