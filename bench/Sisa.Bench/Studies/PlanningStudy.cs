using System.Diagnostics;
using System.Globalization;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Forgetting;

namespace Sisa.Bench.Studies;

/// <summary>What it takes to find out what a request for 10,000 subjects costs, to receive it, and to keep the manifest: over corpora of several sizes, with a fit through them.</summary>
/// <remarks>Usage: <c>./build.sh bench planning [ITEMS…]</c>; a million, three and ten by default.</remarks>
internal static class PlanningStudy
{
    private const int Named = 10_000;
    private const int Rounds = 5;
    private const double Beyond = 1e8;

    public static void Run(IReadOnlyList<int> sizes)
    {
        var figures = new List<(string Name, string Unit, List<double> Values)>();
        foreach (var items in sizes)
        {
            var folder = Directory.CreateTempSubdirectory("sisa-bench-planning-").FullName;
            try
            {
                Measure(folder, items, (name, unit, value) =>
                {
                    if (figures.FindIndex(f => f.Name == name) is var i and >= 0)
                    {
                        figures[i].Values.Add(value);
                    }
                    else
                    {
                        figures.Add((name, unit, [value]));
                    }

                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{items:N0} items: {name} {value:G4} {unit}"));
                });
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        var result = new StudyResult("Planning a request for 10,000 subjects", "./build.sh bench planning");
        result.Table(
            ["measure", "unit", .. sizes.Select(items => $"{items:N0} items"), "grows with items to the power of", $"{Beyond:N0} items by that fit"],
            figures.Select(f => (string[])[f.Name, f.Unit, .. f.Values.Select(Figure), .. Fit(sizes, f.Values)]));
        result.Say($"Ids are random UUIDs; a subject has five items on average; 8 shards of 4 slices; nothing is trained. Times are medians of {Rounds}, but those of single runs: ingestion, rebuilding, receipt. Memory is resident (VmHWM; RssAnon where mapped files are left out). Warm: the same pages were read just before. Cold: the system was told to forget the pages of the database (posix_fadvise DONTNEED); the program itself is warm. A fit is a line through the logarithms.");
        result.Write("planning");
    }

    private static void Measure(string folder, int items, Action<string, string, double> add)
    {
        var store = new PlanningStore(folder, items);
        add("ingestion", "rows/s", items / store.IngestSeconds);
        add("ingestion, peak memory without mapped files", "MB", store.IngestPeakBytes / 1e6);
        add("manifest", "MB", new FileInfo(store.Manifest).Length / 1e6);
        OneSubject(store, add);
        Planning(store, "10,000 subjects", subjects => new ForgetRequest { Subjects = subjects }, add);
        string[] ids;
        using (var open = Store.Open(store.Root))
        {
            ids = [.. open.Manifest.Items.FindBySubject(store.Subjects(Named, 1)).Select(row => row.Id).Take(Named)];
        }

        Planning(store, "10,000 items", _ => new ForgetRequest { Items = ids }, add);
        Commands(folder, store, add);
        Rebuilding(store, add);
        var deferring = new SisaProgram(folder) { ForPeople = true, WatchesMemory = true };
        var (_, seconds, _) = deferring.Run("forget", "--store", PlanningStore.Name, "--file", "subjects.csv", "--defer");
        add("receipt and fallback, whole command", "s", seconds);
        add("receipt and fallback, peak memory", "MB", deferring.PeakBytes / 1e6);
    }

    private static void OneSubject(PlanningStore store, Action<string, string, double> add)
    {
        using var open = Store.Open(store.Root);
        var subjects = store.Subjects(Named, 2);
        Array.ForEach(subjects, subject => open.Manifest.Items.FindBySubject([subject]));
        var clock = Stopwatch.StartNew();
        Array.ForEach(subjects, subject => open.Manifest.Items.FindBySubject([subject]));
        add("look-up of one subject, warm", "µs", clock.Elapsed.TotalMicroseconds / subjects.Length);
    }

    private static void Planning(PlanningStore store, string name, Func<string[], ForgetRequest> request, Action<string, string, double> add)
    {
        var asked = request(store.Subjects(Named, 0));
        double Once(bool isCold)
        {
            using var open = Store.Open(store.Root);
            if (isCold)
            {
                FileCache.Forget(store.Manifest);
            }

            var clock = Stopwatch.StartNew();
            if (new Forgetter(open).Plan(asked).Targets.Count < Named)
            {
                throw new InvalidOperationException("Fewer items were found than were named.");
            }

            return clock.Elapsed.TotalSeconds;
        }

        Once(isCold: false);
        add($"planning {name}, warm", "s", Median(() => Once(isCold: false)));
        add($"planning {name}, cold", "s", Median(() => Once(isCold: true)));
    }

    private static void Commands(string folder, PlanningStore store, Action<string, string, double> add)
    {
        var subjects = store.Subjects(Named, 0);
        File.WriteAllLines(Path.Combine(folder, "subjects.csv"), ["subject", .. subjects]);
        File.WriteAllLines(Path.Combine(folder, "requests.csv"), ["request,subject", .. subjects.Select((subject, i) => $"case-{i},{subject}")]);
        Command("`forget --file LIST --dry-run`, warm", "subjects.csv", isCold: false, forPeople: true);
        Command("`forget --file LIST --dry-run`, cold", "subjects.csv", isCold: true, forPeople: true);
        Command("the same with `--json`, warm", "subjects.csv", isCold: false, forPeople: false);
        Command("a list of 10,000 requests, warm", "requests.csv", isCold: false, forPeople: true);

        void Command(string name, string list, bool isCold, bool forPeople)
        {
            var program = new SisaProgram(folder) { ForPeople = forPeople, WatchesMemory = true };
            long peak = 0;
            double Once()
            {
                if (isCold)
                {
                    FileCache.Forget(store.Manifest);
                }

                var (_, seconds, _) = program.Run("forget", "--store", PlanningStore.Name, "--file", list, "--dry-run");
                peak = Math.Max(peak, program.PeakBytes);
                return seconds;
            }

            Once();
            add(name, "s", Median(Once));
            add(name + ", peak memory", "MB", peak / 1e6);
        }
    }

    private static void Rebuilding(PlanningStore store, Action<string, string, double> add)
    {
        using var open = Store.Open(store.Root);
        var clock = Stopwatch.StartNew();
        add("rebuilding the manifest, rise of memory", "MB", ResidentMemory.RiseOf(() => open.Manifest.Rebuild()) / 1e6);
        add("rebuilding the manifest", "s", clock.Elapsed.TotalSeconds);
    }

    private static double Median(Func<double> once) => Enumerable.Range(0, Rounds).Select(_ => once()).Order().ElementAt(Rounds / 2);

    private static IEnumerable<string> Fit(IReadOnlyList<int> sizes, List<double> values)
    {
        if (sizes.Count < 2)
        {
            return ["", ""];
        }

        double[] x = [.. sizes.Select(s => Math.Log(s))];
        double[] y = [.. values.Select(v => Math.Log(v))];
        var (meanX, meanY) = (x.Average(), y.Average());
        var slope = x.Zip(y).Sum(p => (p.First - meanX) * (p.Second - meanY)) / x.Sum(v => (v - meanX) * (v - meanX));
        return [slope.ToString("0.00", CultureInfo.InvariantCulture), Figure(Math.Exp(meanY + (slope * (Math.Log(Beyond) - meanX))))];
    }

    private static string Figure(double value) => value.ToString(value >= 100 ? "N0" : value >= 10 ? "0.0" : value >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);
}
