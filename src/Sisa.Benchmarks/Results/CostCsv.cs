using System.Globalization;
using Sisa.Benchmarks.Designs;
using Sisa.Measurements;

namespace Sisa.Benchmarks.Results;

/// <summary>The result as tidy CSV: one number a row, with everything that it is a number of.</summary>
/// <remarks>Pure. RFC 4180 with line feeds; six significant digits; empty where there is nothing.</remarks>
public static class CostCsv
{
    /// <summary>Names of the columns.</summary>
    public const string Header = "dataset,method,rule,shards,slices,pattern,timing,requests,unit,value,low,high,kind,accuracy,accuracy_low,accuracy_high";

    /// <summary>Every line, the header first.</summary>
    /// <param name="result">The result.</param>
    public static IEnumerable<string> Lines(CostResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return
        [
            Header,
            .. from dataset in result.Datasets
               from cell in dataset.Cells
               from point in cell.Points
               from line in Of(dataset, cell, point)
               select line,
            .. result.Published.Select(p => string.Join(
                ',', $"{p.Dataset} (published)", KebabName.Of(CostMethod.Sisa), KebabName.Of(ShardingRule.Plain), p.Shards, p.Slices, KebabName.Of(RequestPattern.Uniform), string.Empty, p.Requests, "speed-up", Text(p.SpeedUp), string.Empty, string.Empty, "published", string.Empty, string.Empty, string.Empty)),
        ];
    }

    private static IEnumerable<string> Of(DatasetResult dataset, CellResult cell, CostPoint point)
    {
        var head = string.Join(
            ',', Quoted(dataset.Name), KebabName.Of(point.Method), KebabName.Of(cell.Rule), cell.Shards, cell.Slices, KebabName.Of(point.Pattern), KebabName.Of(point.Timing), point.Requests);
        var tail = Numbers(point.Accuracy);
        string Row(string unit, Estimate? value, string kind) => $"{head},{unit},{Numbers(value)},{kind},{tail}";
        var seconds = point.SecondsKind is { } k ? KebabName.Of(k) : string.Empty;
        yield return Row("visits", point.Visits, "counted");
        yield return Row("speed-up", point.SpeedUp, "counted");
        yield return Row("stages", new Estimate(point.Stages), "counted");
        yield return Row("flops", new Estimate(point.Flops), dataset.Flops.IsExact ? "counted" : "estimated");
        yield return Row("bytes-written", new Estimate(point.BytesWritten), "counted");
        if (point.Seconds is not null)
        {
            yield return Row("seconds", point.Seconds, seconds);
        }
    }

    private static string Numbers(Estimate? estimate) => $"{Text(estimate?.Value)},{Text(estimate?.Low)},{Text(estimate?.High)}";

    private static string Text(double? value) => value?.ToString("G6", CultureInfo.InvariantCulture) ?? string.Empty;

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
