using System.Globalization;
using System.Text;

namespace Sisa.Benchmarks.Results;

/// <summary>The result as a page of Markdown: the tables of the terminal, and what they were made with.</summary>
/// <remarks>Pure.</remarks>
public static class CostPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="result">The result.</param>
    public static string Of(CostResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# What forgetting costs\n\nMachine: {result.Machine}; {result.Versions}. {result.Date}.\n");
        page.Append("Made by the study of costs; docs/cost-benchmark.md says what is counted, measured and modelled, and how to read it.\n");
        page.Append(CultureInfo.InvariantCulture, $"Seed {result.Design.Seed}, {result.Design.Draws} draws of requests. Intervals are of 95 %.\n\n");
        foreach (var dataset in result.Datasets)
        {
            page.Append(CultureInfo.InvariantCulture, $"## {dataset.Name}\n\n{dataset.Items:N0} items of {dataset.Subjects:N0} subjects, {dataset.Parameters:N0} parameters, {dataset.Flops.PerVisit:N0} FLOPs a visit ({(dataset.Flops.IsExact ? "counted" : "6 a parameter, an estimate")}).");
            if (dataset.Seconds is { } model)
            {
                page.Append(CultureInfo.InvariantCulture, $" Visits counted beforehand and made by the program are equal in {dataset.Equal} of {dataset.Compared} trainings and retrainings.\n\n");
                page.Append(CultureInfo.InvariantCulture, $"Seconds that are *modelled*: {model.PerRetraining:0.000} a retraining + {1e6 * model.PerVisit:0.00} µs a visit + {1e3 * model.PerStage:0.00} ms a stage (both of the busiest worker) + {1e6 * model.PerItemRewritten:0.00} µs an item rewritten; fitted to {model.Measurements} measurements, off by {100 * model.RelativeError:0.0} % (root mean square).");
            }

            page.Append("\n\n");
            foreach (var table in new[] { CostTable.Uniform(dataset, result.Published), CostTable.Skewed(dataset) })
            {
                page.Append(CultureInfo.InvariantCulture, $"### {table.Title}\n\n");
                Line(page, table.Columns);
                Line(page, [.. table.Columns.Select((_, i) => i == 0 ? "---" : "---:")]);
                foreach (var row in table.Rows)
                {
                    Line(page, row);
                }

                page.Append('\n');
            }
        }

        return page.ToString().TrimEnd() + "\n";
    }

    private static void Line(StringBuilder page, IReadOnlyList<string> cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
