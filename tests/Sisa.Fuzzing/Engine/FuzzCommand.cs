using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Sisa.Fuzzing.Targets;

namespace Sisa.Fuzzing.Engine;

/// <summary>The command line: <c>[TARGET…] [--seconds N | --executions N] [--seed N]</c>, <c>--minimise</c>, <c>--list</c>.</summary>
internal static class FuzzCommand
{
    /// <summary>Bytes of inputs that are committed for one target.</summary>
    private const int CommittedBytes = 40 * 1024;

    /// <summary>Name of committed inputs that once made a target fail.</summary>
    public const string RegressionPrefix = "regression-";

    public static int Run(string[] arguments)
    {
        var (names, options) = (new List<string>(), new Dictionary<string, string>(StringComparer.Ordinal));
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is "--seconds" or "--executions" or "--seed" && i + 1 < arguments.Length)
            {
                options[arguments[i]] = arguments[++i];
            }
            else if (arguments[i] is "--minimise" or "--list")
            {
                options[arguments[i]] = string.Empty;
            }
            else if (AllTargets.Names.Contains(arguments[i]))
            {
                names.Add(arguments[i]);
            }
            else
            {
                Console.Error.WriteLine($"fuzz: '{arguments[i]}' is neither an option (--seconds N, --executions N, --seed N, --minimise, --list) nor a target: {string.Join(", ", AllTargets.Names)}.");
                return 2;
            }
        }

        var targets = names.Count > 0 ? names : AllTargets.Names;
        return options.ContainsKey("--list") ? List(targets)
            : options.ContainsKey("--minimise") ? Minimise(targets)
            : Fuzz(targets, options);
    }

    /// <summary>What the instrumented copy does: one worker of one target.</summary>
    public static int Work(string target, string executions, string seconds, string seed, string keep, string recheck, string lastInput)
    {
        var coverage = new CoverageMap();
        using var last = new LastInput(lastInput);
        using var fuzzed = AllTargets.Create(target);
        var budget = new Budget(long.Parse(executions, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture));
        var loop = new FuzzLoop(fuzzed, int.Parse(seed, CultureInfo.InvariantCulture), last, coverage);
        if (recheck == "recheck")
        {
            loop.Recheck();
        }

        var result = loop.Run(budget, keep == "keep");
        Console.WriteLine(JsonSerializer.Serialize(result));
        return 0;
    }

    public static int Measure(string target)
    {
        _ = new CoverageMap();
        using var measured = AllTargets.Create(target);
        var inputs = FuzzFolders.ReadAll(FuzzFolders.Heavy(target))
            .Concat(FuzzFolders.ReadAll(FuzzFolders.Corpus(target)).TakeLast(8))
            .Concat(FuzzFolders.ReadAll(FuzzFolders.Found(target)).TakeLast(8))
            .Concat(measured.LargeInputs());
        var (inputBytes, peakBytes) = MemoryMeasurement.Worst(measured, inputs);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inputBytes} {peakBytes}"));
        return 0;
    }

    /// <summary>Replaces the committed inputs of a target by the fewest that reach as much as all that are known; regressions stay.</summary>
    public static int MinimiseInWorker(string target)
    {
        var folder = FuzzFolders.Corpus(target);
        var coverage = new CoverageMap();
        using var last = new LastInput(Path.Combine(FuzzFolders.Work, target, "last-input.minimise"));
        using var fuzzed = AllTargets.Create(target);
        Directory.CreateDirectory(folder);
        var kept = new FuzzLoop(fuzzed, 0, last, coverage).Minimise(fuzzed.Seeds().Concat(FuzzFolders.ReadAll(folder)).Concat(FuzzFolders.ReadAll(FuzzFolders.Found(target))), CommittedBytes);
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => !Path.GetFileName(path).StartsWith(RegressionPrefix, StringComparison.Ordinal)))
        {
            File.Delete(path);
        }

        foreach (var input in kept)
        {
            File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input);
        }

        Console.WriteLine($"{target}: {kept.Count} inputs, {kept.Sum(input => input.Length)} bytes");
        return 0;
    }

    private static int List(IReadOnlyList<string> targets)
    {
        var state = CampaignState.Read();
        foreach (var target in targets)
        {
            Console.WriteLine($"{target}: {state.Targets.GetValueOrDefault(target)?.Executions ?? 0:N0} executions");
        }

        return 0;
    }

    private static int Minimise(IReadOnlyList<string> targets)
    {
        foreach (var target in targets)
        {
            using var process = InstrumentedProgram.Start(heapLimitBytes: null, "minimise-in-worker", target);
            Console.Write(process.StandardOutput.ReadToEnd());
            process.WaitForExit();
        }

        return 0;
    }

    private static int Fuzz(IReadOnlyList<string> targets, Dictionary<string, string> options)
    {
        var executions = options.TryGetValue("--executions", out var count) ? long.Parse(count, CultureInfo.InvariantCulture) : long.MaxValue;
        var seconds = options.TryGetValue("--seconds", out var time) ? double.Parse(time, CultureInfo.InvariantCulture) : executions < long.MaxValue ? double.MaxValue : 60;
        var state = CampaignState.Read();

        // Without a seed a run goes on where the one before stopped: other changes of a larger corpus.
        var hasSeed = options.TryGetValue("--seed", out var given);
        var open = 0;
        foreach (var target in targets)
        {
            var seed = hasSeed ? int.Parse(given!, CultureInfo.InvariantCulture) : (int)(state.Targets.GetValueOrDefault(target)?.Executions ?? 0);
            var run = new TargetRun(target, seed);
            var result = run.Run(new Budget(executions, seconds), isKept: true);
            var (inputBytes, peakBytes) = run.Measure();
            result = result with { PeakInputBytes = inputBytes, PeakBytes = peakBytes, MendedFaults = Regressions(target) };
            state.Add(target, result);
            open += result.OpenFaults.Count;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{target,-20} {result.Executions,12:N0} executions {result.Executions / Math.Max(result.Seconds, 0.001),9:N0}/s {result.Edges,7:N0} edges {result.Inputs,6:N0} inputs, slowest {result.SlowestMs:N0} ms, peak {peakBytes >> 20} MB for {inputBytes:N0} bytes, {result.OpenFaults.Count} faults {string.Join(' ', result.OpenFaults)}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"In all {state.Executions:N0} executions. Table: ./build.sh bench fuzzing"));
        return open == 0 ? 0 : 1;
    }

    private static int Regressions(string target) => Directory.Exists(FuzzFolders.Corpus(target))
        ? Directory.EnumerateFiles(FuzzFolders.Corpus(target), RegressionPrefix + "*").Count()
        : 0;
}
