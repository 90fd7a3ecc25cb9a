using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sisa.Fuzzing.Engine;

/// <summary>Fuzzes one target in worker processes: one that ends without a word, or hangs, leaves its input as a fault, and the next one goes on.</summary>
/// <param name="target">Name of the target.</param>
/// <param name="seed">Seed of the first worker; each further one gets the next.</param>
internal sealed class TargetRun(string target, int seed)
{
    /// <summary>Longest that one execution may take.</summary>
    public const double HangSeconds = 10;

    /// <summary>Workers that may end without a word before the target is given up for this time.</summary>
    private const int MaxWorkers = 20;

    /// <summary>Managed heap of a worker: its corpus, and what one execution may take.</summary>
    private const long HeapLimitBytes = 1L << 30;

    private readonly FaultFolder _faults = new(FuzzFolders.Faults(target));
    private readonly string _lastInput = Path.Combine(FuzzFolders.Work, target, $"last-input.{Environment.ProcessId}");

    /// <summary>Fuzzes until the budget is used up.</summary>
    public TargetState Run(Budget budget, bool isKept)
    {
        var state = new TargetState();
        for (var worker = 0; worker < MaxWorkers && state.Executions < budget.Executions && state.Seconds < budget.Seconds; worker++)
        {
            state = state.Add(RunWorker(new Budget(budget.Executions - state.Executions, budget.Seconds - state.Seconds), worker, isKept));
        }

        File.Delete(_lastInput);
        return state with { OpenFaults = _faults.Names };
    }

    /// <summary>Measures the memory of the heaviest and the longest inputs.</summary>
    public (long InputBytes, long PeakBytes) Measure()
    {
        if (!MemoryMeasurement.IsPossible)
        {
            return default;
        }

        using var process = InstrumentedProgram.Start(heapLimitBytes: null, "measure", target);
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var numbers = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return process.ExitCode == 0 && numbers.Length == 2
            ? (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"Measuring {target} ended with {process.ExitCode}: {errors.Result}");
    }

    private LoopResult RunWorker(Budget budget, int worker, bool isKept)
    {
        using var last = new LastInput(_lastInput);
        last.Clear();
        var clock = Stopwatch.StartNew();
        using var process = InstrumentedProgram.Start(
            HeapLimitBytes,
            "worker",
            target,
            budget.Executions.ToString(CultureInfo.InvariantCulture),
            budget.Seconds.ToString(CultureInfo.InvariantCulture),
            (seed + worker).ToString(CultureInfo.InvariantCulture),
            isKept ? "keep" : "forget",
            worker == 0 ? "recheck" : "go-on",
            _lastInput);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var isHung = WaitOrKill(process, last);
        if (!isHung && process.ExitCode == 0)
        {
            return JsonSerializer.Deserialize<LoopResult>(output.Result)!;
        }

        var how = isHung ? "hang" : string.Create(CultureInfo.InvariantCulture, $"exit-{process.ExitCode}");
        _faults.AddEnd(how, last.Read(), $"The worker {(isHung ? $"took more than {HangSeconds} seconds" : $"ended with {process.ExitCode}")}.\n{errors.Result}");
        return new LoopResult(last.Executions, clock.Elapsed.TotalSeconds, last.Edges, last.Inputs, isHung ? HangSeconds * 1000 : 0);
    }

    /// <returns>Whether it was killed.</returns>
    private static bool WaitOrKill(Process process, LastInput last)
    {
        var (count, since) = (-1L, Stopwatch.StartNew());
        while (!process.WaitForExit(100))
        {
            if (last.Executions != count)
            {
                (count, since) = (last.Executions, Stopwatch.StartNew());
            }
            else if (since.Elapsed.TotalSeconds > (count <= 0 ? 6 * HangSeconds : HangSeconds))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                return true;
            }
        }

        return false;
    }
}
