namespace Sisa.Benchmarks.Modelling;

/// <summary>Coefficients, none below zero, that explain measurements best in proportion: the sum of ((y − Xβ) / y)² is least.</summary>
/// <remarks>Pure. Normal equations, solved by elimination with pivots; of the few columns here the worst-conditioned is scaled away. Where a coefficient would be negative its column is left out and the rest fitted
/// again, the most negative first: of a handful of columns that is what non-negative least squares comes to (Lawson and Hanson 1974, chapter 23).</remarks>
public static class LeastSquares
{
    /// <summary>Fits the model.</summary>
    /// <param name="rows">One row of columns for each measurement.</param>
    /// <param name="values">The measurements, above zero.</param>
    /// <returns>A coefficient for each column.</returns>
    public static double[] Fit(IReadOnlyList<double[]> rows, IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count);
        var columns = Enumerable.Range(0, rows[0].Length).Where(c => rows.Any(row => row[c] != 0)).ToList();
        var result = new double[rows[0].Length];
        while (columns.Count > 0)
        {
            var solution = Solve(rows, values, columns);
            var worst = Enumerable.Range(0, columns.Count).MinBy(i => solution[i]);
            if (solution[worst] >= 0)
            {
                for (var i = 0; i < columns.Count; i++)
                {
                    result[columns[i]] = solution[i];
                }

                break;
            }

            columns.RemoveAt(worst);
        }

        return result;
    }

    private static double[] Solve(IReadOnlyList<double[]> rows, IReadOnlyList<double> values, List<int> columns)
    {
        var n = columns.Count;
        double[] scales = [.. columns.Select(c => rows.Max(row => Math.Abs(row[c])))];
        double[][] system = [.. columns.Select(_ => new double[n + 1])];
        for (var r = 0; r < rows.Count; r++)
        {
            var weight = 1 / (values[r] * values[r]);
            for (var i = 0; i < n; i++)
            {
                var left = weight * rows[r][columns[i]] / scales[i];
                system[i][n] += left * values[r];
                for (var j = 0; j < n; j++)
                {
                    system[i][j] += left * rows[r][columns[j]] / scales[j];
                }
            }
        }

        Eliminate(system, n);
        return [.. Enumerable.Range(0, n).Select(i => system[i][i] == 0 ? 0 : system[i][n] / system[i][i] / scales[i])];
    }

    // Gauss and Jordan. A column that the others make up already ends as zeros and gets the coefficient 0.
    private static void Eliminate(double[][] system, int n)
    {
        for (var pivot = 0; pivot < n; pivot++)
        {
            var best = Enumerable.Range(pivot, n - pivot).MaxBy(row => Math.Abs(system[row][pivot]));
            if (Math.Abs(system[best][pivot]) < 1e-12)
            {
                for (var row = 0; row < n; row++)
                {
                    system[row][pivot] = 0;
                }

                continue;
            }

            (system[pivot], system[best]) = (system[best], system[pivot]);

            for (var row = 0; row < n; row++)
            {
                if (row == pivot)
                {
                    continue;
                }

                var factor = system[row][pivot] / system[pivot][pivot];
                for (var column = pivot; column <= n; column++)
                {
                    system[row][column] -= factor * system[pivot][column];
                }
            }
        }
    }
}
