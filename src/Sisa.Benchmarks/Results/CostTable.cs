using System.Globalization;
using Sisa.Benchmarks.Designs;
using Sisa.Measurements;

namespace Sisa.Benchmarks.Results;

/// <summary>The result as a table for people: one line for each cell, at one number of requests served together, with the paper's numbers below.</summary>
/// <remarks>Pure.</remarks>
/// <param name="Title">Title of the table.</param>
/// <param name="Columns">Heads of the columns.</param>
/// <param name="Rows">The rows.</param>
public sealed record CostTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const string None = "–";

    /// <summary>The number of requests that tables show: that of the paper's headline.</summary>
    public const int ShownRequests = 8;

    /// <summary>Uniform requests against every cell without risk classes.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="published">The paper's numbers.</param>
    public static CostTable Uniform(DatasetResult dataset, IReadOnlyList<PublishedResult> published)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(published);
        var requests = Shown(dataset);
        var baseline = dataset.Cells.FirstOrDefault(c => c is { Shards: 1, Slices: 1 })?.Accuracy?.Value;
        var rows =
            from cell in dataset.Cells.Where(c => c.Rule != ShardingRule.RiskAware)
            from method in cell.Points.Select(p => p.Method).Distinct()
            let batched = Find(cell, method, RequestPattern.Uniform, RequestTiming.Batched, requests)
            let sequential = Find(cell, method, RequestPattern.Uniform, RequestTiming.Sequential, requests)
            let single = Find(cell, method, RequestPattern.Uniform, RequestTiming.Batched, 1)
            select new[]
            {
                Name(cell, method), $"{cell.Shards}", $"{cell.Slices}", Times(single.SpeedUp), Times(batched.SpeedUp), Times(sequential.SpeedUp), Count(batched.Visits.Value), Scaled(batched.Flops),
                Bytes(batched.BytesWritten), Seconds(batched), batched.SpeedUpInSeconds is { } ratio ? $"{Number(ratio)}×" : None, Share(batched.Accuracy), Loss(batched.Accuracy, baseline),
            };
        var paper = published.Select(p => new[]
        {
            $"published: {p.Dataset}", p.Shards is { } s ? $"{s}" : None, p.Slices is { } r ? $"{r}" : None, None, p.Requests is { } k ? $"{Number(p.SpeedUp)}× ({k} requests)" : $"{Number(p.SpeedUp)}×", None, None, None, None, None, None, None, p.Remark,
        });
        return new CostTable(
            $"{dataset.Name}: {requests} uniform requests",
            ["method", "S", "R", "speed-up, 1 request", $"{requests} together", $"{requests} one by one", "visits, together", "FLOPs", "written", "seconds", "speed-up in seconds", "accuracy", "lost, points"],
            [.. rows, .. paper]);
    }

    /// <summary>Skewed requests: shards for all against shards of their own for those who ask often.</summary>
    /// <param name="dataset">The dataset.</param>
    public static CostTable Skewed(DatasetResult dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var requests = Shown(dataset);
        var rows =
            from aware in dataset.Cells.Where(c => c.Rule == ShardingRule.RiskAware)
            let plain = dataset.Cells.Single(c => c.Rule == ShardingRule.Plain && c.Shards == aware.Shards && c.Slices == aware.Slices)
            let pairs = new[] { RequestTiming.Batched, RequestTiming.Sequential }.Select(timing => (Plain: OfSkewed(plain, timing, requests), Aware: OfSkewed(aware, timing, requests))).ToArray()
            select new[]
            {
                $"{aware.Shards}", $"{aware.Slices}", Times(pairs[0].Plain.SpeedUp), Times(pairs[0].Aware.SpeedUp), Times(pairs[1].Plain.SpeedUp), Times(pairs[1].Aware.SpeedUp), Share(plain.Accuracy), Share(aware.Accuracy),
            };
        return new CostTable(
            $"{dataset.Name}: {requests} skewed requests; plain shards, and shards of their own for those who ask often",
            ["S", "R", "together, plain", "risk-aware", "one by one, plain", "risk-aware", "accuracy, plain", "risk-aware"],
            [.. rows]);
    }

    private static int Shown(DatasetResult dataset) => dataset.Cells[0].Points.Select(p => p.Requests).Where(k => k <= ShownRequests).Max();

    private static CostPoint OfSkewed(CellResult cell, RequestTiming timing, int requests) =>
        cell.Points.Single(p => p.Pattern == RequestPattern.Skewed && p.Timing == timing && p.Requests == requests && p.Method != CostMethod.Fraction);

    private static CostPoint Find(CellResult cell, CostMethod method, RequestPattern pattern, RequestTiming timing, int requests) =>
        cell.Points.Single(p => p.Method == method && p.Pattern == pattern && p.Timing == timing && p.Requests == requests);

    private static string Name(CellResult cell, CostMethod method) => (cell.Rule, method) switch
    {
        (ShardingRule.OwnStore, _) => "this store",
        (_, CostMethod.FullRetraining) => "full retraining",
        (_, CostMethod.ShardingOnly) => "sharding only",
        (_, CostMethod.SlicingOnly) => "slicing only",
        (_, CostMethod.Fraction) => "1/S of the data",
        _ => "SISA",
    };

    private static string Seconds(CostPoint point) => point.Seconds is { } seconds ? $"{Number(seconds.Value)} {KebabName.Of(point.SecondsKind!.Value)}" : None;

    private static string Times(Estimate? estimate) => estimate switch
    {
        null => None,
        { Low: { } low, High: { } high } => $"{Number(estimate.Value)}× ({Number(low)}–{Number(high)})",
        _ => $"{Number(estimate.Value)}×",
    };

    private static string Share(Estimate? share) => share is null ? None : (100 * share.Value).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Loss(Estimate? share, double? baseline) =>
        share is null || baseline is null ? None : (100 * (baseline.Value - share.Value)).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    private static string Count(double value) => Math.Round(value).ToString("N0", CultureInfo.InvariantCulture);

    private static string Scaled(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    private static string Bytes(double value) => (value / 1e6).ToString(value < 1e8 ? "0.0" : "N0", CultureInfo.InvariantCulture) + " MB";

    private static string Number(double value) => value.ToString(value < 9.995 ? "0.00" : value < 99.95 ? "0.0" : "N0", CultureInfo.InvariantCulture);
}
