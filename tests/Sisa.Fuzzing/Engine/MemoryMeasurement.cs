using System.Globalization;

namespace Sisa.Fuzzing.Engine;

/// <summary>Measures what reading an input takes at its peak, in a process of its own: how far the resident memory rises above where it stood before, native memory
/// and mapped files included.</summary>
/// <remarks>The process collects garbage every four megabytes (<c>DOTNET_GCgen0size</c>), so that what is dead is not counted for long. Reading runs once before, on
/// the seeds, so that the code itself is not counted.</remarks>
internal static class MemoryMeasurement
{
    private const string Status = "/proc/self/status";

    /// <summary>Whether the system tells a peak that can be set back.</summary>
    public static bool IsPossible => OperatingSystem.IsLinux();

    /// <summary>Measures each input.</summary>
    /// <returns>Size of the input and rise of the resident memory, in bytes, for the one nearest to its bound.</returns>
    public static (long InputBytes, long PeakBytes) Worst(FuzzTarget target, IEnumerable<byte[]> inputs)
    {
        foreach (var seed in target.Seeds())
        {
            target.Execute(seed);
        }

        target.OnlyReads = true;
        (long InputBytes, long PeakBytes) worst = default;
        foreach (var input in inputs)
        {
            var peak = Rise(target, input);
            if (peak * MemoryBound.Of(worst.InputBytes) >= worst.PeakBytes * MemoryBound.Of(input.Length))
            {
                worst = (input.Length, peak);
            }
        }

        return worst;
    }

    private static long Rise(FuzzTarget target, byte[] input)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Field("VmRSS:");
        try
        {
            target.Execute(input);
        }
        catch (Exception)
        {
            // A fault is what the fuzzing run has reported; what it took counts all the same.
            return Math.Max(0, Field("VmHWM:") - before);
        }

        return Math.Max(0, Field("VmHWM:") - before);
    }

    private static long Field(string name)
    {
        var line = File.ReadLines(Status).First(text => text.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line[name.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
