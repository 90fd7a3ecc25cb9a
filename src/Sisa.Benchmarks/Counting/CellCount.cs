using Sisa.Benchmarks.Designs;
using Sisa.Evaluation.Intervals;
using Sisa.Measurements;
using Sisa.Sharding;

namespace Sisa.Benchmarks.Counting;

/// <summary>The cost of one cell of the grid under every pattern, timing and number of requests.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="FullVisits">Visits of training everything from scratch, before any request.</param>
/// <param name="Points">One for each pattern, timing, number of requests and, where R is 1, also for the sample of a 1/S fraction.</param>
public sealed record CellCount(GridCell Cell, double FullVisits, IReadOnlyList<CountedPoint> Points);

/// <summary>The cost of some requests, counted: means over draws, with bootstrap intervals of 95 %.</summary>
public sealed record CountedPoint
{
    /// <summary>The compared methods.</summary>
    public required CostMethod Method { get; init; }

    /// <summary>Who asks.</summary>
    public required RequestPattern Pattern { get; init; }

    /// <summary>When they are served.</summary>
    public required RequestTiming Timing { get; init; }

    /// <summary>Number of requests.</summary>
    public required int Requests { get; init; }

    /// <summary>Mean work.</summary>
    public required ForgettingWork Work { get; init; }

    /// <summary>Visits of all retrainings together.</summary>
    public required Estimate Visits { get; init; }

    /// <summary>Visits of one model retrained in full at the same occasions, over these; <see langword="null"/> if no draw costs anything.</summary>
    public Estimate? SpeedUp { get; init; }
}

/// <summary>Counts a cell.</summary>
/// <remarks>Pure.</remarks>
public static class CellCounter
{
    /// <summary>Counts every point of a cell.</summary>
    /// <param name="population">Who may ask.</param>
    /// <param name="account">The cell's account; left as it is.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="design">The study.</param>
    /// <param name="patterns">Who asks.</param>
    /// <param name="epochs">Passes of a full retraining of one model.</param>
    /// <param name="cancellation">Ends the counting.</param>
    public static CellCount Count(
        Population population, CellAccount account, GridCell cell, CostDesign design, IReadOnlyList<RequestPattern> patterns, double epochs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(population);
        ArgumentNullException.ThrowIfNull(account);
        int[] numbers = [.. design.Requests.Where(k => k <= population.Requesters.Count / 2)];
        var points = new List<CountedPoint>();
        foreach (var pattern in patterns)
        {
            var draws = new DrawnCost[design.Draws];
            for (var draw = 0; draw < draws.Length; draw++)
            {
                cancellation.ThrowIfCancellationRequested();
                draws[draw] = Serve(account.Copy(), RequestDraw.Of(population, pattern, design, draw, numbers[^1]), numbers, epochs);
            }

            points.AddRange(
                from isSample in cell is { Slices: 1, Shards: > 1, Rule: ShardingRule.Plain } ? new[] { false, true } : [false]
                from timing in Enum.GetValues<RequestTiming>()
                from number in Enumerable.Range(0, numbers.Length)
                select Point(cell, isSample, pattern, timing, numbers[number], [.. draws.Select(d => d.Of(timing, number, isSample))], [.. draws.Select(d => d.Full(timing, number))], design.Seed));
        }

        return new CellCount(cell, account.FullVisits, points);
    }

    /// <summary>The name of a cell in comparisons.</summary>
    /// <param name="cell">The cell.</param>
    public static CostMethod MethodOf(GridCell cell) => cell switch
    {
        { Shards: 1, Slices: 1 } => CostMethod.FullRetraining,
        { Shards: 1 } => CostMethod.SlicingOnly,
        { Slices: 1 } => CostMethod.ShardingOnly,
        _ => CostMethod.Sisa,
    };

    private static CountedPoint Point(
        GridCell cell, bool isSample, RequestPattern pattern, RequestTiming timing, int requests, IReadOnlyList<ForgettingWork> works, IReadOnlyList<double> full, ulong seed)
    {
        var mean = works.Aggregate((a, b) => a.Plus(b)).Times(1.0 / works.Count);
        double[] visits = [.. works.Select(w => w.Visits)];
        var stream = Seeds.Derive(seed, "count interval", cell.Shards, cell.Slices, (int)cell.Rule, (int)pattern, (int)timing, requests);
        return new CountedPoint
        {
            Method = isSample ? CostMethod.Fraction : MethodOf(cell),
            Pattern = pattern,
            Timing = timing,
            Requests = requests,
            Work = mean,
            Visits = Bootstrap.MeanOf(visits, stream),
            SpeedUp = mean.Visits > 0 ? SpeedUp(full, visits, stream) : null,
        };
    }

    // A ratio of means, not a mean of ratios: of a sample that no request hits the ratio of one draw would be infinite.
    private static Estimate SpeedUp(IReadOnlyList<double> full, double[] visits, Digest stream)
    {
        var estimate = Bootstrap.Of(
            visits.Length,
            counts =>
            {
                var (all, some) = (0.0, 0.0);
                for (var i = 0; i < counts.Length; i++)
                {
                    all += counts[i] * full[i];
                    some += counts[i] * visits[i];
                }

                return some > 0 ? all / some : double.MaxValue;
            },
            stream);

        // Where a resample costs nothing the interval has no upper end.
        return estimate.High is < double.MaxValue ? estimate : estimate with { Low = null, High = null };
    }

    private static DrawnCost Serve(CellAccount account, IReadOnlyList<int> requesters, int[] numbers, double epochs)
    {
        var cost = new DrawnCost();
        var (sequential, sequentialSample, sequentialFull) = (default(ForgettingWork), default(ForgettingWork), 0.0);
        var touched = new HashSet<Placement>();
        for (var (i, number) = (0, 0); number < numbers.Length; i++)
        {
            account.Strike(requesters[i]);
            var places = account.PlacesOf(requesters[i]);
            touched.UnionWith(places);
            sequential = sequential.Plus(account.Retrain(places));
            sequentialSample = sequentialSample.Plus(OfSample(account, places));
            sequentialFull += epochs * account.Items;
            if (i + 1 == numbers[number])
            {
                cost.Set(number, RequestTiming.Sequential, sequential, sequentialSample, sequentialFull);
                cost.Set(number, RequestTiming.Batched, account.Retrain(touched), OfSample(account, touched), epochs * account.Items);
                number++;
            }
        }

        return cost;
    }

    // The sample is the first shard: a keyed hash put its items there.
    private static ForgettingWork OfSample(CellAccount account, IEnumerable<Placement> places)
    {
        Placement[] hit = [.. places.Where(place => place.Shard.Value == 0)];
        return hit.Length > 0 ? account.Retrain(hit) : default;
    }

    // What one draw costs after each number of requests.
    private sealed class DrawnCost
    {
        private readonly Dictionary<(int Number, RequestTiming Timing), (ForgettingWork All, ForgettingWork Sample, double Full)> _costs = [];

        public void Set(int number, RequestTiming timing, ForgettingWork all, ForgettingWork sample, double full) => _costs[(number, timing)] = (all, sample, full);

        public ForgettingWork Of(RequestTiming timing, int number, bool isSample) => isSample ? _costs[(number, timing)].Sample : _costs[(number, timing)].All;

        public double Full(RequestTiming timing, int number) => _costs[(number, timing)].Full;
    }
}
