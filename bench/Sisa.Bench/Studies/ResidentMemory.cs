using System.Globalization;

namespace Sisa.Bench.Studies;

/// <summary>How much memory processes hold, as Linux counts it (<c>VmHWM</c> of <c>/proc/PID/status</c>).</summary>
internal static class ResidentMemory
{
    private const int EveryMs = 4;

    /// <summary>Follows a process until it ends.</summary>
    /// <param name="process">Number of a process that was started.</param>
    /// <returns>The most that it held at once, in bytes, as far as it was seen: all of it, and what belongs to it alone, without mapped files, which the system may take back.</returns>
    public static Task<(long Bytes, long OwnBytes)> Watch(int process) => Task.Run(async () =>
    {
        // Before its program is loaded, a process still shows the peak of its parent, so the last answer counts. One that has ended shows none.
        var status = $"/proc/{process}/status";
        var (last, own) = (0L, 0L);
        while (Figure(status, "VmHWM:") is { } peak)
        {
            last = peak;
            own = Math.Max(own, Figure(status, "RssAnon:") ?? 0);
            await Task.Delay(EveryMs);
        }

        return (last, own);
    });

    /// <summary>Runs something in this process.</summary>
    /// <param name="work">What to run.</param>
    /// <returns>How far the memory of this process rose meanwhile, in bytes.</returns>
    public static long RiseOf(Action work)
    {
        const string Status = "/proc/self/status";

        // 5 sets the peak back to what is held now: proc(5).
        File.AppendAllText("/proc/self/clear_refs", "5");
        var before = Figure(Status, "VmHWM:") ?? 0;
        work();
        return (Figure(Status, "VmHWM:") ?? 0) - before;
    }

    private static long? Figure(string status, string name)
    {
        try
        {
            var line = File.ReadLines(status).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan(name.Length, line.Length - name.Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }
}
