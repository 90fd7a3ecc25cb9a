using System.Globalization;
using System.Text.Json;
using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Results;
using Sisa.Training;

namespace Sisa.Benchmarks.Tests.Results;

public sealed class CostResultTests
{
    private static readonly CostResult Result = Samples.Result();

    [Fact]
    public void Measured_seconds_are_told_from_modelled_ones()
    {
        var cell = new GridCell(4, 5, ShardingRule.Plain);
        Assert.Equal(SecondsKind.Measured, Samples.Point(Result, cell, CostMethod.Sisa, RequestTiming.Batched, 1).SecondsKind);
        Assert.Equal(SecondsKind.Measured, Samples.Point(Result, cell, CostMethod.Sisa, RequestTiming.Sequential, 1).SecondsKind);
        Assert.Equal(SecondsKind.Modelled, Samples.Point(Result, cell, CostMethod.Sisa, RequestTiming.Batched, 2).SecondsKind);
        Assert.Equal(0, Result.Datasets[0].Seconds!.RelativeError, 1e-9);
        Assert.Equal(1, Result.Datasets[0].Seconds!.PerRetraining, 1e-6);
    }

    [Fact]
    public void Accuracy_stands_beside_every_speed_up_of_a_cell_that_was_trained()
    {
        var sisa = Samples.Point(Result, new GridCell(4, 5, ShardingRule.Plain), CostMethod.Sisa, RequestTiming.Batched, 8);
        var sample = Samples.Point(Result, new GridCell(4, 1, ShardingRule.Plain), CostMethod.Fraction, RequestTiming.Batched, 8);
        Assert.Equal(0.86, sisa.Accuracy!.Value, 1e-12);
        Assert.Equal(0.8, sample.Accuracy!.Value, 1e-12);
        Assert.Null(Result.Datasets[0].Cells.Single(c => c is { Rule: ShardingRule.RiskAware, Slices: 1 }).Accuracy);
    }

    [Fact]
    public void Bytes_are_checkpoints_and_slices()
    {
        var point = Samples.Point(Result, new GridCell(1, 1, ShardingRule.Plain), CostMethod.FullRetraining, RequestTiming.Batched, 1);
        var dataset = Result.Datasets[0];
        Assert.Equal(dataset.CheckpointBytes + (539 * dataset.SliceBytesPerItem), point.BytesWritten, 1e-6);
        Assert.Equal(539 * 3 * dataset.Flops.PerVisit, point.Flops);
    }

    [Fact]
    public void Csv_has_one_number_a_row_and_every_column_in_each()
    {
        var lines = CostCsv.Lines(Result).ToArray();
        var columns = CostCsv.Header.Split(',');
        Assert.Equal(columns.Length, columns.Distinct().Count());
        Assert.All(lines, line => Assert.Equal(columns.Length, line.Split(',').Length));
        Assert.Equal(lines.Length, lines.Distinct().Count());
        Assert.All(lines.Skip(1), line => Assert.Contains(line.Split(',')[12], new[] { "counted", "measured", "modelled", "published", "estimated" }));
        Assert.Equal("4.63", lines.Single(line => line.StartsWith("Purchase", StringComparison.Ordinal)).Split(',')[9]);

        // Speed-ups without a value are those of samples that no draw hit.
        Assert.All(lines.Skip(1).Select(line => line.Split(',')).Where(cells => cells[9].Length == 0), cells => Assert.Equal("fraction", cells[1]));
        Assert.All(lines.Skip(1).Select(line => line.Split(',')[9]).Where(value => value.Length > 0), value => Assert.True(double.Parse(value, CultureInfo.InvariantCulture) >= 0));
    }

    [Fact]
    public void Json_reads_back_as_it_was()
    {
        var json = JsonSerializer.Serialize(Result, RecipeJson.Options);
        var again = JsonSerializer.Deserialize<CostResult>(json, RecipeJson.Options)!;
        Assert.Equal(json, JsonSerializer.Serialize(again, RecipeJson.Options));
    }

    [Fact]
    public void Tables_have_the_papers_numbers_and_say_which_seconds_are_modelled()
    {
        var table = CostTable.Uniform(Result.Datasets[1], Result.Published);
        Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count));
        Assert.Contains(table.Rows, row => row[0] == "published: Purchase" && row.Contains("4.63× (8 requests)"));
        Assert.Contains(table.Rows, row => row[0] == "SISA" && row[9].EndsWith("modelled", StringComparison.Ordinal));
        Assert.Equal(["full retraining", "slicing only", "sharding only", "1/S of the data", "SISA"], table.Rows.Select(row => row[0]).Take(5));
        Assert.Contains("modelled", CostPage.Of(Result), StringComparison.Ordinal);
    }
}
