using System.Globalization;
using ScottPlot;
using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Results;
using Sisa.Measurements;

namespace Sisa.Benchmarks.Figures;

/// <summary>The figures of a cost study.</summary>
/// <remarks>Pure: they follow from the result.</remarks>
public static class CostFigures
{
    private const double PublishedSpeedUp = 4.63;
    private const string RequestsLabel = "number of requests";
    private const string SpeedUpLabel = "speed-up over full retraining, item visits";

    private static readonly FigureSeries Paper = new("published: Purchase, S=20, R=50, 8 requests, 4.63×", "#CC79A7", MarkerShape.Asterisk, HasLine: false);

    /// <summary>Every figure that the result has numbers for.</summary>
    /// <param name="result">The result.</param>
    public static IEnumerable<Figure> Of(CostResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        yield return SpeedUp(result);
        if (result.Datasets.Any(d => d.Cells.Any(c => c.Accuracy is not null)))
        {
            yield return Price(result);
        }

        yield return Skew(result);
        if (result.Datasets.Any(d => d.Seconds is not null))
        {
            yield return Seconds(result);
        }
    }

    private static IEnumerable<double> Ends(CostPoint point) => [point.SpeedUp!.Low ?? point.SpeedUp.Value, point.SpeedUp.High ?? point.SpeedUp.Value];

    private static string CaptionOf(CostResult result, string what)
    {
        var sizes = string.Join("; ", result.Datasets.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Name}: {d.Items:N0} items")));
        return $"{what} {sizes}. {result.Machine}; {result.Versions}; {result.Date}. Study of costs, seed {result.Design.Seed}.";
    }

    // Data sets that differ only in their classes have the same counts, so the first represents all.
    private static Figure SpeedUp(CostResult result)
    {
        var dataset = result.Datasets[0];
        CellResult[] plain = [.. dataset.Cells.Where(c => c.Rule == ShardingRule.Plain)];
        int[] shards = [.. plain.Select(c => c.Shards).Distinct()];
        int[] slices = [.. new[] { plain.Min(c => c.Slices), plain.Max(c => c.Slices) }.Distinct()];
        var points = plain.Where(c => slices.Contains(c.Slices)).ToDictionary(c => (c.Shards, c.Slices), c => c.Points.Where(p => p is { Pattern: RequestPattern.Uniform, SpeedUp: not null } && p.Method != CostMethod.Fraction).ToArray());
        FigureSeries[] series = [.. shards.Select((s, i) => FigureSeries.Of(i, $"S={s}"))];
        var hasPaper = shards.Contains(20) && slices.Contains(50);
        var panels = new List<Panel>();
        foreach (var timing in Enum.GetValues<RequestTiming>())
        {
            var all = points.Values.SelectMany(p => p).Where(p => p.Timing == timing).ToArray();
            var y = Axis.Logarithmic(SpeedUpLabel, all.SelectMany(Ends).Append(hasPaper ? PublishedSpeedUp : 1), "×");
            var x = Axis.OfRequests(RequestsLabel, [.. all.Select(p => p.Requests).Distinct().Order()]);
            foreach (var r in slices)
            {
                var panel = new Panel($"{(timing == RequestTiming.Batched ? "all served together" : "served one by one")}, R={r}", x, y);
                for (var i = 0; i < shards.Length; i++)
                {
                    panel.Curve(series[i], [.. points[(shards[i], r)].Where(p => p.Timing == timing).Select(p => ((double)p.Requests, p.SpeedUp!))]);
                }

                if (hasPaper && r == 50 && timing == RequestTiming.Batched)
                {
                    panel.Point(Paper, 8, new Estimate(PublishedSpeedUp), 1.8f);
                }

                panels.Add(panel);
            }
        }

        return new Figure
        {
            Name = "speed-up",
            Title = "What shards (S) and slices (R) save, by the number of uniform requests",
            Legend = hasPaper ? [.. series, Paper] : series,
            Panels = panels,
            Columns = slices.Length,
            Caption = CaptionOf(result, $"Visits counted exactly, mean of {result.Design.Draws} draws, bands of 95 %. One model retrained in full at the same occasions is 1×."),
        };
    }

    private static Figure Price(CostResult result)
    {
        DatasetResult[] datasets = [.. result.Datasets.Where(d => d.Cells.Any(c => c.Accuracy is not null))];
        int[] shards = [.. datasets[0].Cells.Select(c => c.Shards).Distinct().Order()];
        int[] slices = [.. datasets[0].Cells.Where(c => c.Rule == ShardingRule.Plain).Select(c => c.Slices).Distinct().Order()];
        FigureSeries[] colors = [.. shards.Select((s, i) => FigureSeries.Of(i, $"S={s}") with { Marker = MarkerShape.FilledCircle, HasLine = true })];
        FigureSeries[] shapes = [.. slices.Select((r, i) => new FigureSeries($"R={r}", "#666666", FigureSeries.ShapeOf(i), HasLine: false))];
        var fraction = new FigureSeries("one model on 1/S of the data", "#666666", MarkerShape.Cross, HasLine: false);
        var paper = new FigureSeries("speed-up published for Purchase, S=20, R=50", "#CC79A7", MarkerShape.None, IsFaint: true);
        var requests = datasets[0].Cells[0].Points.Select(p => p.Requests).Where(k => k <= CostTable.ShownRequests).Max();
        var panels = datasets.Select(dataset =>
        {
            var points = dataset.Cells.Where(c => c.Rule == ShardingRule.Plain).SelectMany(c => c.Points, (cell, point) => (Cell: cell, Point: point))
                .Where(p => p.Point is { Pattern: RequestPattern.Uniform, Timing: RequestTiming.Batched, SpeedUp: not null, Accuracy: not null } && p.Point.Requests == requests).ToArray();
            var y = Axis.Linear("accuracy on held-out items", points.SelectMany(p => new[] { 100 * p.Point.Accuracy!.Low!.Value, 100 * p.Point.Accuracy.High!.Value }), " %");
            var panel = new Panel(dataset.Name, Axis.Logarithmic(SpeedUpLabel, points.Select(p => p.Point.SpeedUp!.Value).Append(PublishedSpeedUp), "×"), y);
            panel.Line(paper, (PublishedSpeedUp, y.From), (PublishedSpeedUp, y.To));
            foreach (var (cell, point) in points)
            {
                var shape = point.Method == CostMethod.Fraction ? MarkerShape.Cross : shapes[Array.IndexOf(slices, cell.Slices)].Marker;
                panel.Point(colors[Array.IndexOf(shards, cell.Shards)] with { Marker = shape }, point.SpeedUp!.Value, InPercent(point.Accuracy!), 1.25f);
            }

            return panel;
        });
        return new Figure
        {
            Name = "price-of-speed",
            Title = string.Create(CultureInfo.InvariantCulture, $"The price of speed: accuracy against speed-up, {requests} requests served together"),
            Legend = [.. colors, .. shapes, fraction, paper],
            Panels = [.. panels],
            Columns = datasets.Length,
            Caption = CaptionOf(result, "Accuracy measured in every cell, bars of 95 %; visits counted."),
        };
    }

    private static Estimate InPercent(Estimate share) => new(100 * share.Value, 100 * share.Low, 100 * share.High);

    private static Figure Skew(CostResult result)
    {
        var dataset = result.Datasets[0];
        CellResult[] aware = [.. dataset.Cells.Where(c => c.Rule == ShardingRule.RiskAware)];
        var slices = aware.Max(c => c.Slices);
        int[] shards = [.. aware.Select(c => c.Shards).Distinct().TakeLast(3)];
        FigureSeries[] solid = [.. shards.Select((s, i) => FigureSeries.Of(i + 2, $"S={s}, shards of their own"))];
        FigureSeries[] faint = [.. solid.Select((s, i) => s with { Label = $"S={shards[i]}, plain", IsFaint = true })];
        var panels = Enum.GetValues<RequestTiming>().Select(timing =>
        {
            (CellResult Cell, CostPoint[] Points)[] curves =
            [
                .. dataset.Cells.Where(c => c.Slices == slices && shards.Contains(c.Shards) && c.Rule != ShardingRule.OwnStore)
                    .Select(c => (c, c.Points.Where(p => p is { Pattern: RequestPattern.Skewed, SpeedUp: not null } && p.Timing == timing && p.Method != CostMethod.Fraction).ToArray())),
            ];
            CostPoint[] all = [.. curves.SelectMany(c => c.Points)];
            var panel = new Panel(
                timing == RequestTiming.Batched ? "all served together" : "served one by one",
                Axis.OfRequests(RequestsLabel, [.. all.Select(p => p.Requests).Distinct().Order()]),
                Axis.Logarithmic(SpeedUpLabel, all.SelectMany(Ends), "×"));
            foreach (var (cell, points) in curves)
            {
                var looks = cell.Rule == ShardingRule.Plain ? faint : solid;
                panel.Curve(looks[Array.IndexOf(shards, cell.Shards)], [.. points.Select(p => ((double)p.Requests, p.SpeedUp!))]);
            }

            return panel;
        });
        return new Figure
        {
            Name = "skewed-requests",
            Title = string.Create(
                CultureInfo.InvariantCulture, $"Skewed requests: {100 * result.Design.FrequentShare:0} % of the subjects make {100 * result.Design.FrequentRequests:0} % of them, R={slices}"),
            Legend = [.. faint, .. solid],
            Panels = [.. panels],
            Columns = 2,
            Caption = CaptionOf(result, $"Plain: everybody in any shard. Shards of their own: those who ask often are a risk class with shards of its own. Visits counted exactly, mean of {result.Design.Draws} draws, bands of 95 %."),
        };
    }

    private static Figure Seconds(CostResult result)
    {
        DatasetResult[] datasets = [.. result.Datasets.Where(d => d.Seconds is not null)];
        int[] shards = [.. datasets[0].Cells.Select(c => c.Shards).Distinct().Order()];
        FigureSeries[] colors = [.. shards.Select((s, i) => FigureSeries.Of(i, $"S={s}") with { HasLine = false })];
        var same = new FigureSeries("modelled = measured", "#666666", MarkerShape.None, IsFaint: true);
        var all = datasets.SelectMany(d => d.Cells).SelectMany(c => c.Measured).SelectMany(m => new[] { m.Seconds, m.ModelledSeconds }).ToArray();
        var x = Axis.Logarithmic("measured, seconds", all, " s");
        var y = Axis.Logarithmic("modelled, seconds", all, " s");
        var panels = datasets.Select(dataset =>
        {
            var panel = new Panel(string.Create(CultureInfo.InvariantCulture, $"{dataset.Name}, error {100 * dataset.Seconds!.RelativeError:0.0} % (root mean square)"), x, y);
            panel.Line(same, (x.From, x.From), (x.To, x.To));
            foreach (var cell in dataset.Cells)
            {
                foreach (var measured in cell.Measured)
                {
                    panel.Point(colors[Array.IndexOf(shards, cell.Shards)], measured.Seconds, new Estimate(measured.ModelledSeconds));
                }
            }

            return panel;
        });
        return new Figure
        {
            Name = "seconds",
            Title = "Seconds of a request to forget: measured, and by the model that is used elsewhere",
            Legend = [.. colors, same],
            Panels = [.. panels],
            Columns = datasets.Length,
            Caption = CaptionOf(result, "From the start of the process to the published bundle. The model: seconds a retraining, a visit and a stage of the busiest worker, an item rewritten."),
        };
    }
}
