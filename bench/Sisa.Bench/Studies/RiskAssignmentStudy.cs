using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sisa.Sharding;

namespace Sisa.Bench.Studies;

/// <summary>What it is worth to give whoever is likely to ask late slices of shards of their own: predicted by <c>sisa plan</c>, and measured.</summary>
/// <remarks>Usage: <c>./build.sh bench risk-assignment [KEYS]</c>. A generated corpus of 4,000 subjects of five items each, a tenth of whom make four of five requests. Each assignment key serves both
/// recipes, so that they differ by their risk classes alone.</remarks>
internal static class RiskAssignmentStudy
{
    private const int Subjects = 4_000;
    private const int ItemsEach = 5;
    private const int Labels = 10;
    private const int Bits = 64;
    private const int FlippedPercent = 35;
    private const int RiskyEvery = 10;
    private const int OneByOne = 8;
    private const int Calibrations = 5;
    private const int Batch = 20;

    private static readonly (string Name, string Classes)[] Assignments =
    [
        ("plain", string.Empty),
        ("risk-aware", ", riskClasses: { high: { shards: [0], slices: [3, 4] }, low: { shards: [1, 2, 3, 4, 5, 6, 7, 8, 9] } }"),
        ("own shard, all slices", ", riskClasses: { high: [0], low: [1, 2, 3, 4, 5, 6, 7, 8, 9] }"),
    ];

    public static void Run(int keys)
    {
        var folder = Path.Combine(Path.GetTempPath(), "sisa-bench-risk");
        Directory.CreateDirectory(folder);
        try
        {
            WriteCorpora(folder);
            var sisa = new SisaProgram(folder);
            var rows = new List<IReadOnlyList<string>>();
            var accuracy = new List<IReadOnlyList<string>>();
            JsonNode? rates = null;
            double perRun = 0;
            foreach (var (name, classes) in Assignments)
            {
                File.WriteAllText(Path.Combine(folder, $"{name}.yaml"), Recipe(classes));
                if (rates is null)
                {
                    (rates, perRun) = Calibrate(sisa, folder, name);
                }

                var measured = Enumerable.Range(0, keys).Select(key => Measure(sisa, folder, name, key)).ToArray();
                var alone = Plan(sisa, name, OneByOne, 0, rates, perRun);
                var shared = Plan(sisa, name, Batch, 8_760, rates, perRun);
                rows.Add(Row(name, "training", alone, "trainingVisits", "trainingSeconds", measured, m => m.Training));
                rows.Add(Row(name, "one request, of those served one by one", alone, "requestVisits", "requestSeconds", measured, m => m.Single));
                rows.Add(Row(name, $"{Batch} requests that share a retraining", shared, "batchVisits", "batchSeconds", measured, m => m.Shared));
                accuracy.Add([name, Range(measured.Select(m => 100 * m.Before), "0.0"), Range(measured.Select(m => 100 * m.After), "0.0")]);
            }

            Write(keys, rows, accuracy);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(int keys, List<IReadOnlyList<string>> rows, List<IReadOnlyList<string>> accuracy)
    {
        var result = new StudyResult("Risk-aware assignment", $"./build.sh bench risk-assignment {keys}");
        result.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{Subjects * ItemsEach:N0} items of {Subjects:N0} subjects, {Labels} labels, {Bits} bits of which {FlippedPercent} % are noise; 10 shards × 4 slices, 4 epochs. A tenth of the subjects is risky and makes four of five requests. *risk-aware* gives the risky slices 3 and 4 of a shard of their own, *own shard, all slices* the shard alone."));
        result.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Measured: {keys} assignment keys, the same for all; with each, {OneByOne} requests one by one, then {Batch} as one list; means, and the range over the keys. Predicted: `sisa plan`, means and the middle 95 % of simulated years; the batch is predicted for {Batch} requests on average, and for a store of which nobody was forgotten yet. Seconds are those of one worker, from the start of the work to the published bundle; the prediction takes what a visit and a stage cost from the training of a store apart, and what a run costs besides from the median of {Calibrations} requests to it. Other work ran on the machine at the same time."));
        result.Table(["assignment", "work", "visits predicted", "visits measured", "seconds predicted", "seconds measured"], rows);
        result.Say("Accuracy in per cent on 2,000 held-out items, means and ranges over the keys:");
        result.Table(["assignment", "trained", "after all requests"], accuracy);
        result.Write("risk-assignment");
    }

    // Under a key of its own, so that nothing that is predicted was measured before.
    private static (JsonNode Rates, double PerRun) Calibrate(SisaProgram sisa, string folder, string recipe)
    {
        var store = Prepare(sisa, folder, recipe, 1_000);
        sisa.Run("train", "--store", store, "--workers", "1");
        var rates = sisa.Run("plan", "--store", store, "--shards", "10", "--slices", "4", "--draws", "1").Json!["rates"]!;
        var rest = Requests(1_000)[..Calibrations].Select(subject =>
        {
            var training = sisa.Run("forget", "--store", store, "--workers", "1", "--subject", subject).Json!["training"]!;
            var (visits, seconds) = Work(training);
            return seconds - (visits * rates["perVisit"]!.GetValue<double>()) - (training["stages"]!.GetValue<int>() * rates["perStage"]!.GetValue<double>());
        });
        return (rates, Math.Max(0, rest.Order().ElementAt(Calibrations / 2)));
    }

    private static string Prepare(SisaProgram sisa, string folder, string recipe, int key)
    {
        var store = $"store-{key}";
        var keyFile = Path.Combine(folder, $"key-{key}");
        File.WriteAllText(keyFile, Seeds.Derive((ulong)key, "risk study key") + "\n");
        sisa.Run("init", "--store", store, "--recipe", $"{recipe}.yaml", "--assignment-key", keyFile);
        sisa.Run("ingest", "--store", store, "corpus.jsonl");
        return store;
    }

    private static Measured Measure(SisaProgram sisa, string folder, string recipe, int key)
    {
        var store = Prepare(sisa, folder, recipe, key);
        var training = sisa.Run("train", "--store", store, "--workers", "1").Json!;
        var before = Accuracy(sisa, store);
        var asked = Requests(key);
        var singles = asked[..OneByOne].Select(subject => Work(sisa.Run("forget", "--store", store, "--workers", "1", "--subject", subject).Json!["training"]!)).ToArray();
        File.WriteAllLines(Path.Combine(folder, "list.csv"), asked[OneByOne..].Select((subject, i) => $"r{i},{subject}").Prepend("request,subject"));
        var shared = Work(sisa.Run("forget", "--store", store, "--workers", "1", "--file", "list.csv").Json!["training"]!);
        var measured = new Measured(Work(training), (singles.Average(s => s.Visits), singles.Average(s => s.Seconds)), shared, before, Accuracy(sisa, store));
        Directory.Delete(Path.Combine(folder, store), recursive: true);
        return measured;
    }

    private static JsonNode Plan(SisaProgram sisa, string recipe, int requests, double window, JsonNode rates, double perRun)
    {
        string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
        return sisa.Run(
            "plan", "--recipe", $"{recipe}.yaml", "--items", $"{Subjects * ItemsEach}", "--subjects", $"{Subjects}", "--requests-per-year", $"{requests}", "--risk", "high=10%:80%", "--draws", "200",
            "--set", $"requests.window={Text(window)}", "--shards", "10", "--slices", "4", "--window", Text(window),
            "--seconds-per-visit", Text(rates["perVisit"]!.GetValue<double>()), "--seconds-per-stage", Text(rates["perStage"]!.GetValue<double>()), "--seconds-per-run", Text(perRun)).Json!["declared"]!;
    }

    private static string[] Row(string name, string work, JsonNode plan, string visits, string seconds, Measured[] measured, Func<Measured, (double Visits, double Seconds)> of) =>
    [
        name,
        work,
        Spread(plan[visits]!, "N0"),
        Range(measured.Select(m => of(m).Visits), "N0"),
        Spread(plan[seconds]!, "0.00"),
        Range(measured.Select(m => of(m).Seconds), "0.00"),
    ];

    private static string Spread(JsonNode spread, string format) => $"{Text(spread["mean"]!.GetValue<double>(), format)} [{Text(spread["low"]!.GetValue<double>(), format)}–{Text(spread["high"]!.GetValue<double>(), format)}]";

    private static string Range(IEnumerable<double> values, string format)
    {
        double[] sorted = [.. values.Order()];
        return $"{Text(sorted.Average(), format)} [{Text(sorted[0], format)}–{Text(sorted[^1], format)}]";
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static (double Visits, double Seconds) Work(JsonNode training) => (training["visits"]!.GetValue<double>(), training["seconds"]!.GetValue<double>());

    private static double Accuracy(SisaProgram sisa, string store) => sisa.Run("evaluate", "held-out.jsonl", "--store", store).Json!["ensemble"]!["accuracy"]!.GetValue<double>();

    private static string Recipe(string classes) => $$"""
        name: risk
        corpus: { fields: { id: id, subject: subject, label: label, risk: risk } }
        labels: [{{string.Join(", ", Enumerable.Range(0, Labels).Select(c => $"\"{c}\""))}}]
        features: { vector: { field: bits, length: {{Bits}}, min: 0, max: 1 } }
        ensemble: { shards: 10, slices: 4{{classes}} }
        model: { kind: mlp, hidden: [64] }
        training: { epochs: 4, batchSize: 16, optimizer: sgd, learningRate: 0.05 }
        """;

    // Whoever asks next is risky four times of five; nobody asks twice.
    private static string[] Requests(int key)
    {
        var random = new SeededGenerator(Seeds.Derive((ulong)key, "risk study requests"));
        var asked = new List<int>();
        while (asked.Count < OneByOne + Batch)
        {
            var isRisky = random.NextUnit() < 0.8;
            int subject;
            do
            {
                subject = random.NextInt32(Subjects);
            }
            while (subject % RiskyEvery == 0 != isRisky || asked.Contains(subject));
            asked.Add(subject);
        }

        return [.. asked.Select(Name)];
    }

    private static void WriteCorpora(string folder)
    {
        var random = new SeededGenerator(Seeds.Derive(1, "risk study corpus"));
        var prototypes = Enumerable.Range(0, Labels).Select(_ => Enumerable.Range(0, Bits).Select(_ => (int)(random.NextUInt64() >> 63)).ToArray()).ToArray();
        Write(Path.Combine(folder, "corpus.jsonl"), Subjects * ItemsEach, i => i / ItemsEach, prototypes, random);
        Write(Path.Combine(folder, "held-out.jsonl"), 2_000, i => Subjects + i, prototypes, random);
    }

    private static void Write(string path, int items, Func<int, int> subjectOf, int[][] prototypes, SeededGenerator random)
    {
        using var writer = new StreamWriter(path);
        var line = new StringBuilder();
        for (var i = 0; i < items; i++)
        {
            var (label, subject) = (random.NextInt32(Labels), subjectOf(i));
            line.Clear().Append(CultureInfo.InvariantCulture, $"{{\"id\":\"item-{i:00000}\",\"subject\":\"{Name(subject)}\",\"risk\":\"{(subject % RiskyEvery == 0 ? "high" : "low")}\",\"label\":\"{label}\",\"bits\":[");
            line.AppendJoin(',', prototypes[label].Select(bit => random.NextInt32(100) < FlippedPercent ? 1 - bit : bit)).Append("]}");
            writer.WriteLine(line);
        }
    }

    private static string Name(int subject) => string.Create(CultureInfo.InvariantCulture, $"subject-{subject:0000}");

    private sealed record Measured((double Visits, double Seconds) Training, (double Visits, double Seconds) Single, (double Visits, double Seconds) Shared, double Before, double After);
}
