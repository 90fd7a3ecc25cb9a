using System.Globalization;
using System.Text.Json.Nodes;

namespace Sisa.Bench.Studies;

/// <summary>Real corpora: accuracy of the ensemble against one model on everything, and the cost of forgetting against retraining.</summary>
/// <remarks>Usage: <c>./build.sh bench real-data DATA_FOLDER [NAME…]</c>. Nothing is special-cased: each row is init, ingest, train, evaluate,
/// forget, evaluate, <c>verify --rerun</c> through the command line.</remarks>
internal static class RealDataStudy
{
    public static void Run(string data, IReadOnlyList<string> only)
    {
        var result = new StudyResult("Real data", $"./build.sh bench real-data DATA {string.Join(' ', only)}".TrimEnd());
        var rows = new List<IReadOnlyList<string>>();
        foreach (var corpus in RealCorpora.All.Where(c => only.Count == 0 || only.Contains(c.Name)))
        {
            rows.AddRange(Measure(corpus, data));
        }

        result.Say("Accuracy on held-out data of the ensemble, of one model trained on everything with the same recipe (S=1, R=1), and of the ensemble after forgetting. Forgetting is measured from the start of the work to the published bundle; retraining is `sisa verify --rerun`, which trains all shards from scratch without the items, on the same workers, and compares every checkpoint byte for byte.");
        result.Table(
            ["corpus", "S × R", "items", "one model", "ensemble", "forgotten", "accuracy after", "visits", "visits of retraining", "share", "seconds", "seconds of retraining", "speed-up", "checkpoints equal"],
            rows);
        result.Write("real-data");
    }

    private static IEnumerable<IReadOnlyList<string>> Measure(RealCorpus corpus, string data)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"sisa-bench-{corpus.Name}");
        Directory.CreateDirectory(folder);
        try
        {
            var prepared = corpus.Prepare(data, folder);
            File.WriteAllText(Path.Combine(folder, "sisa.yaml"), corpus.Recipe);
            var sisa = new SisaProgram(folder);
            var single = Train(sisa, prepared, "single", ["ensemble.shards=1", "ensemble.slices=1"]);
            var before = Train(sisa, prepared, "store", []);
            var items = sisa.Run("status", "--store", "store").Json!["items"]!.GetValue<long>();
            foreach (var request in prepared.Requests)
            {
                var forget = sisa.Run(["forget", "--store", "store", .. request.Arguments]).Json!;
                var after = Accuracy(sisa, prepared, "store");
                var rerun = sisa.Run("verify", "--rerun", "--store", "store").Json!;
                var training = forget["training"]!;
                var (visits, full) = (training["visits"]!.GetValue<double>(), rerun["visits"]!.GetValue<double>());
                var (seconds, fullSeconds) = (training["seconds"]!.GetValue<double>(), rerun["seconds"]!.GetValue<double>());
                yield return
                [
                    corpus.Name,
                    corpus.Shape,
                    Number(items, "N0"),
                    Share(single),
                    Share(before),
                    request.Name,
                    Share(after),
                    Number(visits, "N0"),
                    Number(full, "N0"),
                    Share(visits / full),
                    Number(seconds, "0.0"),
                    Number(fullSeconds, "0.0"),
                    Number(fullSeconds / seconds, "0.0") + "×",
                    $"{rerun["equal"]}/{rerun["compared"]}",
                ];
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Train(SisaProgram sisa, PreparedCorpus prepared, string store, string[] changes)
    {
        string[] set = changes.Length > 0 ? ["--set", .. changes] : [];
        sisa.Run(["init", "--store", store, "--recipe", "sisa.yaml", .. set]);
        sisa.Run(["ingest", "--store", store, .. prepared.Train]);
        sisa.Run("train", "--store", store);
        return Accuracy(sisa, prepared, store);
    }

    private static double Accuracy(SisaProgram sisa, PreparedCorpus prepared, string store)
    {
        JsonNode evaluation = sisa.Run("evaluate", prepared.Test, "--store", store).Json!;
        return evaluation["ensemble"]!["accuracy"]!.GetValue<double>();
    }

    private static string Share(double share) => Number(100 * share, "0.0") + " %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
