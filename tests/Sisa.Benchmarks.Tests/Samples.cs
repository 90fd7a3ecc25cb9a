using System.Text;
using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Measuring;
using Sisa.Benchmarks.Results;

namespace Sisa.Benchmarks.Tests;

/// <summary>Small studies and results.</summary>
internal static class Samples
{
    public static CostDesign Design { get; } = new() { Shards = [1, 4], Slices = [1, 5], Requests = [1, 2, 4, 8], Draws = 6, Items = 600, Epochs = 3, Workers = 2 };

    public static Population Population(int count = 500) => new(
        [.. Enumerable.Range(0, count).Select(i => $"item-{i}").Select(id => new Requester(id, [new OwnedItem(Encoding.UTF8.GetBytes(id))]))], seed: 1, frequentShare: 0.1);

    /// <summary>A result with a measurement in every cell, whose seconds are 1 + 2 µs a visit.</summary>
    public static CostResult Result()
    {
        var datasets = GeneratedDataset.Create(Design, [2, 100]);
        return new CostResult
        {
            Machine = "a machine, 2 cores",
            Versions = "a system; .NET 10",
            Date = "2026-01-02",
            Design = Design,
            Datasets =
            [
                .. datasets.Select(dataset =>
                {
                    CellCount[] counts = [.. dataset.Cells(Design).Select(cell => CellCounter.Count(dataset.Population, dataset.Account(cell, Design), cell, Design, [RequestPattern.Uniform, RequestPattern.Skewed], Design.Epochs, default))];
                    return new ResultBuilder(dataset, Design, counts, [.. counts.Where(count => Design.IsTrained(count.Cell)).Select(count => Measured(dataset, count))]).Build();
                }),
            ],
            Published = PublishedResult.All,
        };
    }

    private static CellMeasurement Measured(CostDataset dataset, CellCount count)
    {
        var account = dataset.Account(count.Cell, Design);
        account.Strike(3);
        var work = account.Retrain(account.PlacesOf(3));
        var seconds = 1 + (2e-6 * work.BusiestVisits);
        return new CellMeasurement
        {
            Cell = count.Cell,
            Items = account.Items,
            IngestSeconds = 1,
            TrainSeconds = 2,
            TrainVisits = count.FullVisits,
            TrainVisitsCounted = count.FullVisits,
            CheckpointBytes = 1000,
            Accuracy = new MeasuredAccuracy(60, 0.9 - (0.01 * count.Cell.Shards), 0.8, 0.7, 0.85),
            Forgets = [new MeasuredForget(1, work, work.Visits, (int)work.Stages, seconds, seconds + 1)],
            Environment = new MeasuredEnvironment("2.10", "0.1"),
        };
    }

    public static CostPoint Point(CostResult result, GridCell cell, CostMethod method, RequestTiming timing, int requests) => result.Datasets[0].Cells
        .Single(c => c.Shards == cell.Shards && c.Slices == cell.Slices && c.Rule == cell.Rule).Points
        .Single(p => p.Method == method && p.Timing == timing && p.Requests == requests && p.Pattern == RequestPattern.Uniform);

}
