using System.Globalization;

namespace Sisa.Bench.Studies;

/// <summary>How much memory processes hold, as Linux counts it (<c>VmHWM</c> of <c>/proc/PID/status</c>).</summary>
internal static class ResidentMemory
{
    private const int EveryMs = 4;

    /// <summary>Follows a process until it ends.</summary>
    /// <param name="process">Number of a process that was started.</param>
    /// <returns>The most that it held at once, in bytes, as far as it was seen.</returns>
    public static Task<long> Watch(int process) => Task.Run(async () =>
    {
        // Before its program is loaded, a process still shows the peak of its parent, so the last answer counts. One that has ended shows none.
        long last = 0;
        while (Peak($"/proc/{process}/status") is { } peak)
        {
            last = peak;
            await Task.Delay(EveryMs);
        }

        return last;
    });

    /// <summary>Runs something in this process.</summary>
    /// <param name="work">What to run.</param>
    /// <returns>How far the memory of this process rose meanwhile, in bytes.</returns>
    public static long RiseOf(Action work)
    {
        const string Status = "/proc/self/status";

        // 5 sets the peak back to what is held now: proc(5).
        File.AppendAllText("/proc/self/clear_refs", "5");
        var before = Peak(Status) ?? 0;
        work();
        return (Peak(Status) ?? 0) - before;
    }

    private static long? Peak(string status)
    {
        try
        {
            var line = File.ReadLines(status).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan("VmHWM:".Length, line.Length - "VmHWM:".Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }
}
