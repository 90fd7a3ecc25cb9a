using System.Globalization;

namespace Sisa.Benchmarks.Figures;

/// <summary>One axis: its words with their unit, its ends, its ticks.</summary>
/// <param name="Label">Words and unit.</param>
/// <param name="From">Lower end.</param>
/// <param name="To">Upper end.</param>
/// <param name="IsLogarithmic">Whether equal factors have equal lengths.</param>
/// <param name="Ticks">Numbers with a tick.</param>
/// <param name="Suffix">Text after the number of a tick.</param>
public sealed record Axis(string Label, double From, double To, bool IsLogarithmic, IReadOnlyList<double> Ticks, string Suffix = "")
{
    /// <summary>A logarithmic axis over some values, with ticks at 1, 2, 5, 10, … or fewer.</summary>
    /// <param name="label">Words and unit.</param>
    /// <param name="values">Values that must be seen, above zero.</param>
    /// <param name="suffix">Text after the number of a tick.</param>
    public static Axis Logarithmic(string label, IEnumerable<double> values, string suffix = "")
    {
        double[] all = [.. values.Where(v => v > 0).DefaultIfEmpty(1)];
        var (low, high) = (all.Min() / 1.25, all.Max() * 1.25);
        var steps = Math.Log10(high / low) > 2.2 ? new[] { 1.0 } : [1, 2, 5];
        var ticks = Enumerable.Range(-6, 20).SelectMany(power => steps.Select(step => step * Math.Pow(10, power))).Where(tick => tick >= low && tick <= high);
        return new Axis(label, low, high, true, [.. ticks], suffix);
    }

    /// <summary>An axis of numbers of requests: doublings, every second one with a tick where they are many.</summary>
    /// <param name="label">Words and unit.</param>
    /// <param name="requests">Numbers of requests, ascending.</param>
    public static Axis OfRequests(string label, IReadOnlyList<int> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var every = requests.Count > 7 ? 2 : 1;
        return new Axis(label, requests[0] / 1.2, requests[^1] * 1.2, true, [.. requests.Where((_, i) => i % every == 0 || requests[i] == 8).Select(k => (double)k)]);
    }

    /// <summary>A linear axis over some values, with some five ticks at round numbers.</summary>
    /// <param name="label">Words and unit.</param>
    /// <param name="values">Values that must be seen.</param>
    /// <param name="suffix">Text after the number of a tick.</param>
    public static Axis Linear(string label, IEnumerable<double> values, string suffix = "")
    {
        double[] all = [.. values.DefaultIfEmpty(0)];
        var width = Math.Max(all.Max() - all.Min(), 1e-9);
        var (low, high) = (all.Min() - (0.08 * width), all.Max() + (0.08 * width));
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(width)));
        var step = new[] { 0.1, 0.2, 0.5, 1, 2 }.Select(s => s * magnitude).First(s => width / s <= 6);
        var first = (int)Math.Ceiling(low / step);
        return new Axis(label, low, high, false, [.. Enumerable.Range(first, (int)Math.Floor(high / step) - first + 1).Select(i => i * step)], suffix);
    }

    /// <summary>The position of a value.</summary>
    /// <param name="value">The value, above zero on a logarithmic axis.</param>
    public double At(double value) => IsLogarithmic ? Math.Log10(value) : value;

    /// <summary>The words of a tick.</summary>
    /// <param name="tick">The number.</param>
    public string Text(double tick) => (Math.Abs(tick) >= 1000 ? tick.ToString("N0", CultureInfo.InvariantCulture) : tick.ToString("0.####", CultureInfo.InvariantCulture)) + Suffix;
}
