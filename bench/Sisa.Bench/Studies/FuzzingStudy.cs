using System.Globalization;
using System.Text.Json;

namespace Sisa.Bench.Studies;

/// <summary>How long each parser was fuzzed on this machine, and what came of it; fuzzing itself is <c>./build.sh fuzz</c>.</summary>
internal static class FuzzingStudy
{
    public static void Run()
    {
        var path = Path.Combine(Machine.Root, "artifacts", "fuzzing", "state.json");
        var targets = JsonSerializer.Deserialize<Dictionary<string, Counted>>(File.ReadAllText(path)) ?? throw new InvalidDataException($"{path} is 'null'.");
        var result = new StudyResult("Fuzzing: every parser that reads what strangers may have written", "./build.sh fuzz && ./build.sh bench fuzzing");
        result.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{targets.Values.Sum(t => t.Executions):N0} executions in all, {targets.Values.Sum(t => t.OpenFaults.Count)} faults open, {targets.Values.Sum(t => t.MendedFaults)} mended (their inputs are in the corpus). One process, one thread, guided by coverage of the project's own assemblies and of YamlDotNet and CsvHelper."));
        result.Table(
            ["target", "executions", "a second", "edges", "inputs", "slowest, ms", "peak", "of an input of", "bound", "faults open", "mended"],
            targets.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => Row(t.Key, t.Value)));
        result.Say("Peak: how far the resident memory of a process of its own rises while it reads the input that comes nearest to the bound, among those that allocated most and the longest ones. Bound: four times the input and 64 MB.");
        result.Write("fuzzing");
    }

    private static string[] Row(string name, Counted t) =>
    [
        name,
        Number(t.Executions),
        Number(t.Executions / Math.Max(t.Seconds, 0.001)),
        Number(t.Edges),
        Number(t.Inputs),
        Number(t.SlowestMs),
        string.Create(CultureInfo.InvariantCulture, $"{t.PeakBytes / 1048576.0:0.0} MB"),
        $"{Number(t.PeakInputBytes)} bytes",
        string.Create(CultureInfo.InvariantCulture, $"{((4 * t.PeakInputBytes) + (64 << 20)) / 1048576.0:0.0} MB"),
        Number(t.OpenFaults.Count),
        Number(t.MendedFaults),
    ];

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private sealed record Counted(
        long Executions, double Seconds, int Edges, int Inputs, double SlowestMs, long PeakInputBytes, long PeakBytes, IReadOnlyList<string> OpenFaults, int MendedFaults);
}
