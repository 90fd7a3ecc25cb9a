using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Measuring;
using Sisa.Benchmarks.Modelling;
using Sisa.Evaluation.Intervals;
using Sisa.Measurements;
using Sisa.Planning;

namespace Sisa.Benchmarks.Results;

/// <summary>Joins what was counted and what was measured of a dataset.</summary>
/// <remarks>Pure.</remarks>
/// <param name="dataset">The dataset.</param>
/// <param name="design">The study.</param>
/// <param name="counts">The counts of every cell.</param>
/// <param name="measured">The measurements of cells that were trained.</param>
public sealed class ResultBuilder(CostDataset dataset, CostDesign design, IReadOnlyList<CellCount> counts, IReadOnlyList<CellMeasurement> measured)
{
    private readonly Dictionary<GridCell, CellMeasurement> _measured = measured.ToDictionary(m => m.Cell);
    private readonly SecondsModel? _model = measured.Count == 0 ? null : SecondsModel.Fit([.. measured.SelectMany(m => m.Forgets).Select(f => (f.Counted, f.Seconds))]);

    /// <summary>Builds the result.</summary>
    public DatasetResult Build()
    {
        var recipe = dataset.RecipeOf(counts[0].Cell, design);
        var (flops, checkpoint) = (FlopCount.Of(recipe), CheckpointSize.TensorBytes(recipe));
        CellResult[] cells = [.. counts.Select(count => Cell(count, flops, checkpoint))];
        (double Counted, double Made)[] pairs =
        [
            .. measured.Select(m => (m.TrainVisitsCounted, m.TrainVisits)),
            .. measured.SelectMany(m => m.Forgets).Select(f => (f.Counted.Visits, f.Visits)),
        ];
        return new DatasetResult
        {
            Name = dataset.Name,
            Items = dataset.Population.Items,
            Subjects = dataset.Population.Requesters.Count,
            Parameters = recipe.Model.ParameterCount(recipe),
            Flops = flops,
            CheckpointBytes = checkpoint,
            SliceBytesPerItem = dataset.SliceBytesPerItem,
            Seconds = _model,
            Compared = pairs.Length,
            Equal = pairs.Count(pair => pair.Counted == pair.Made),
            Cells = Against(cells),
        };
    }

    private CellResult Cell(CellCount count, FlopCount flops, long checkpoint)
    {
        var store = _measured.GetValueOrDefault(count.Cell);
        var (accuracy, constituents) = store?.Accuracy is { } a ? (ScoreInterval.OfShare(a.Ensemble, a.Items), ScoreInterval.OfShare(a.Constituents, a.Items)) : (null, null);
        return new CellResult
        {
            Shards = count.Cell.Shards,
            Slices = count.Cell.Slices,
            Rule = count.Cell.Rule,
            FullVisits = count.FullVisits,
            Accuracy = accuracy,
            ConstituentAccuracy = constituents,
            TrainSeconds = store?.TrainSeconds,
            Measured = [.. (store?.Forgets ?? []).Select(f => new ForgetResult(f.Requests, f.Visits, f.Counted.Visits, f.Seconds, f.CommandSeconds, _model!.Of(f.Counted)))],
            Points =
            [
                .. count.Points.Select(point =>
                {
                    var (seconds, kind) = SecondsOf(point, store);
                    return new CostPoint
                    {
                        Method = point.Method,
                        Pattern = point.Pattern,
                        Timing = point.Timing,
                        Requests = point.Requests,
                        Visits = point.Visits,
                        SpeedUp = point.SpeedUp,
                        Stages = point.Work.Stages,
                        Flops = point.Work.Visits * flops.PerVisit,
                        BytesWritten = (point.Work.Stages * checkpoint) + (point.Work.ItemsRewritten * dataset.SliceBytesPerItem),
                        Seconds = seconds,
                        SecondsKind = kind,
                        Accuracy = point.Method == CostMethod.Fraction ? constituents : accuracy,
                    };
                }),
            ],
        };
    }

    // The measurements are of uniform requests served together. A single request counts both as together and as one by one.
    private (Estimate? Seconds, SecondsKind? Kind) SecondsOf(CountedPoint point, CellMeasurement? store)
    {
        if (_model is null)
        {
            return (null, null);
        }

        double[] clock =
        [
            .. (store?.Forgets ?? []).Where(f => f.Requests == point.Requests && point.Pattern == RequestPattern.Uniform && point.Method != CostMethod.Fraction
                && (point.Timing == RequestTiming.Batched || point.Requests == 1)).Select(f => f.Seconds),
        ];
        return clock.Length > 0 ? (MeanInterval.OfRepeats(clock), SecondsKind.Measured) : (_model.Interval(point.Work), SecondsKind.Modelled);
    }

    private static CellResult[] Against(CellResult[] cells)
    {
        var full = cells.SelectMany(cell => cell.Points).Where(p => p.Method == CostMethod.FullRetraining).ToDictionary(p => (p.Pattern, p.Timing, p.Requests));
        return
        [
            .. cells.Select(cell => cell with
            {
                Points =
                [
                    .. cell.Points.Select(p => p with
                    {
                        SpeedUpInSeconds = p.Seconds?.Value > 0 && full.TryGetValue((p.Pattern, p.Timing, p.Requests), out var all) ? all.Seconds!.Value / p.Seconds.Value : null,
                    }),
                ],
            }),
        ];
    }
}
