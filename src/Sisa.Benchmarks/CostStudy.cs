using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Journals;
using Sisa.Benchmarks.Measuring;
using Sisa.Benchmarks.Results;
using Sisa.Checkpoints;
using Sisa.Engine.Training.Launching;

namespace Sisa.Benchmarks;

/// <summary>Counts every cell of the grid, measures those that are trained, and joins both.</summary>
/// <remarks>Each step is written into a journal before the next begins, and skipped when the study is run again. Not thread-safe.</remarks>
/// <param name="design">The settings.</param>
/// <param name="datasets">The data sets.</param>
/// <param name="folder">Folder of the journal.</param>
/// <param name="scratch">Folder for corpora and stores; removed in the end.</param>
/// <param name="command">How the program is started that is measured.</param>
/// <param name="clock">Source of the date.</param>
public sealed class CostStudy(CostDesign design, IReadOnlyList<CostDataset> datasets, string folder, string scratch, WorkerCommand command, TimeProvider clock)
{
    /// <summary>Name of the journal in its folder.</summary>
    public const string JournalName = "cells.jsonl";

    /// <summary>Runs what is not finished yet.</summary>
    /// <param name="progress">Hears how it gets on.</param>
    /// <param name="cancellation">Ends the study; the same study goes on later.</param>
    /// <exception cref="StoreException">The journal belongs to another study.</exception>
    /// <exception cref="EnvironmentException">The program that is measured failed.</exception>
    public CostResult Run(IStudyProgress progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var journal = Journal.Open(Path.Combine(folder, JournalName), Settings());
        Step[] steps = [.. Steps(cancellation)];
        Step[] open = [.. steps.Where(step => !journal.Holds(step.Key))];
        progress.Begin(steps.Length, steps.Length - open.Length);
        var (watch, done, left) = (Stopwatch.StartNew(), 0.0, open.Sum(step => step.Weight));
        for (var i = 0; i < open.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Begin(open[i].Name);
            open[i].Run(journal);
            (done, left) = (done + open[i].Weight, left - open[i].Weight);
            progress.Finished(new StudyProgress(open[i].Name, steps.Length - open.Length + i + 1, steps.Length, watch.Elapsed.TotalSeconds, watch.Elapsed.TotalSeconds * left / done));
        }

        if (Directory.Exists(scratch))
        {
            Directory.Delete(scratch, recursive: true);
        }

        return Join(journal);
    }

    // Seconds of two machines must not be joined, nor counts of two assignments.
    private object Settings() => new
    {
        Design = design,
        Datasets = datasets.Select(d => new { d.Name, Items = d.Population.Items, Key = d.Key.Commitment }),
        Processors = Environment.ProcessorCount,
        System = RuntimeInformation.OSDescription,
    };

    private IEnumerable<Step> Steps(CancellationToken cancellation)
    {
        foreach (var dataset in datasets.DistinctBy(d => d.PopulationName))
        {
            foreach (var cell in dataset.Cells(design))
            {
                yield return new Step(CountKey(dataset, cell), $"count {dataset.PopulationName} {cell}", CountWeight(dataset, cell), journal => journal.Append(CountKey(dataset, cell), Count(dataset, cell, cancellation)));
            }
        }

        var meter = new CellMeter(command, scratch, design);
        foreach (var dataset in datasets.OfType<GeneratedDataset>())
        {
            foreach (var cell in dataset.Cells(design).Where(design.IsTrained))
            {
                yield return new Step(
                    MeasureKey(dataset, cell), $"measure {dataset.Name} {cell}", MeasureWeight(dataset, cell), journal => journal.Append(MeasureKey(dataset, cell), meter.Measure(dataset, cell, cancellation)));
            }
        }
    }

    private CellCount Count(CostDataset dataset, GridCell cell, CancellationToken cancellation)
    {
        // Uniform requests know no risk classes: under shards of their own nothing is to be seen but the skew.
        RequestPattern[] patterns = cell.Rule == ShardingRule.RiskAware ? [RequestPattern.Skewed] : [RequestPattern.Uniform, RequestPattern.Skewed];
        return CellCounter.Count(dataset.Population, dataset.Account(cell, design), cell, design, patterns, dataset.RecipeOf(cell, design).Training.Epochs, cancellation);
    }

    private CostResult Join(Journal journal)
    {
        var measured = datasets.ToDictionary(
            dataset => dataset.Name,
            dataset => dataset.Cells(design).Where(cell => journal.Holds(MeasureKey(dataset, cell))).Select(cell => journal.Read<CellMeasurement>(MeasureKey(dataset, cell))).ToArray());
        var environment = measured.Values.SelectMany(m => m).FirstOrDefault()?.Environment;
        return new CostResult
        {
            Machine = $"{CpuModel.Describe()}, {Environment.ProcessorCount} cores, {(Vector512.IsHardwareAccelerated ? "avx512" : Vector256.IsHardwareAccelerated ? "avx2" : "no avx2")}",
            Versions = $"{RuntimeInformation.OSDescription}; .NET {Environment.Version}{(environment?.Libtorch is null ? string.Empty : $", libtorch {environment.Libtorch}, TorchSharp {environment.TorchSharp}")}",
            Date = clock.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            Design = design,
            Datasets =
            [
                .. datasets.Select(dataset => new ResultBuilder(
                    dataset, design, [.. dataset.Cells(design).Select(cell => journal.Read<CellCount>(CountKey(dataset, cell)))], measured[dataset.Name]).Build()),
            ],
            Published = PublishedResult.All,
        };
    }

    private static string CountKey(CostDataset dataset, GridCell cell) => $"count {dataset.PopulationName} {cell}";

    private static string MeasureKey(CostDataset dataset, GridCell cell) => $"measure {dataset.Name} {cell}";

    // Rough seconds, for the time that is left: hashes of items and of draws; visits at the pace of two cores, rows, and processes.
    private double CountWeight(CostDataset dataset, GridCell cell) => 1e-7 * cell.Slices * (dataset.Population.Items + (2.0 * design.Draws * design.Requests[^1]));

    private double MeasureWeight(CostDataset dataset, GridCell cell)
    {
        var workers = Math.Min(design.Workers, cell.Shards);
        var visits = design.Epochs * dataset.Population.Items;
        var share = cell.Slices == 1 ? 1 : 2.0 / 3;
        var forgets = !design.IsTimed(cell) ? 0 : design.MeasuredRequests.Sum(k => visits * share * (1 - Math.Pow(1 - (1.0 / cell.Shards), k)) / Math.Min(workers, k));
        return 5 + (5e-5 * dataset.Population.Items) + (7e-6 * ((visits / workers) + forgets));
    }

    private sealed record Step(string Key, string Name, double Weight, Action<Journal> Run);
}
