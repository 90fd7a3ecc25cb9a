using Sisa.Benchmarks.Counting;
using Sisa.Measurements;

namespace Sisa.Benchmarks.Modelling;

/// <summary>Seconds as a sum of shares: so many a retraining, a visit, a stage and an item rewritten, fitted to what was measured.</summary>
/// <param name="PerRetraining">Constant seconds of a retraining: processes, receipt, publication.</param>
/// <param name="PerVisit">Seconds of a visit of the busiest worker.</param>
/// <param name="PerStage">Seconds of a stage of the busiest worker: its checkpoint.</param>
/// <param name="PerItemRewritten">Seconds of an item in a slice that is written again.</param>
/// <param name="Measurements">Measurements that it was fitted to.</param>
/// <param name="RelativeError">Root of the mean square of (measured − modelled) / measured over these.</param>
public sealed record SecondsModel(double PerRetraining, double PerVisit, double PerStage, double PerItemRewritten, int Measurements, double RelativeError)
{
    /// <summary>Fits the model.</summary>
    /// <param name="measured">Work and the seconds that it took, at least one.</param>
    public static SecondsModel Fit(IReadOnlyList<(ForgettingWork Work, double Seconds)> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        var fitted = LeastSquares.Fit([.. measured.Select(m => Columns(m.Work))], [.. measured.Select(m => m.Seconds)]);
        var model = new SecondsModel(fitted[0], fitted[1], fitted[2], fitted[3], measured.Count, 0);
        return model with { RelativeError = Math.Sqrt(measured.Average(m => Math.Pow((m.Seconds - model.Of(m.Work)) / m.Seconds, 2))) };
    }

    /// <summary>Seconds that some work takes.</summary>
    /// <param name="work">The work.</param>
    public double Of(ForgettingWork work) => Columns(work).Zip([PerRetraining, PerVisit, PerStage, PerItemRewritten], (column, coefficient) => column * coefficient).Sum();

    /// <summary>The same with an interval of twice the relative error to either side.</summary>
    /// <param name="work">The work.</param>
    public Estimate Interval(ForgettingWork work)
    {
        var seconds = Of(work);
        return new Estimate(seconds, seconds * Math.Max(0, 1 - (2 * RelativeError)), seconds * (1 + (2 * RelativeError)));
    }

    private static double[] Columns(ForgettingWork work) => [work.Retrainings, work.BusiestVisits, work.BusiestStages, work.ItemsRewritten];
}
