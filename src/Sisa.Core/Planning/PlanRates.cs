namespace Sisa.Planning;

/// <summary>Seconds of work of one worker.</summary>
/// <param name="PerVisit">Seconds of a visit.</param>
/// <param name="PerStage">Further seconds of a stage: its checkpoint, its start.</param>
/// <param name="PerRun">Further seconds of a retraining: starting workers, planning, publishing.</param>
public sealed record PlanRates(double PerVisit, double PerStage = 0, double PerRun = 0)
{
    /// <summary>Seconds of some work.</summary>
    /// <param name="visits">Items × epochs.</param>
    /// <param name="stages">Stages trained.</param>
    /// <param name="runs">Number of retrainings.</param>
    public double Seconds(double visits, double stages, double runs) => (PerVisit * visits) + (PerStage * stages) + (PerRun * runs);

    /// <summary>Finds the rates of stages that were trained: a straight line through their seconds, by least squares.</summary>
    /// <param name="stages">Visits and seconds of each.</param>
    /// <returns><see langword="null"/> when nothing was visited. Where the line would give a visit or a stage a negative price, all seconds count for visits.</returns>
    public static PlanRates? Fit(IReadOnlyCollection<(double Visits, double Seconds)> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        var (visits, seconds) = (stages.Sum(s => s.Visits), stages.Sum(s => s.Seconds));
        if (visits <= 0)
        {
            return null;
        }

        var (meanVisits, meanSeconds) = (visits / stages.Count, seconds / stages.Count);
        var variance = stages.Sum(s => Math.Pow(s.Visits - meanVisits, 2));
        var slope = variance > 0 ? stages.Sum(s => (s.Visits - meanVisits) * (s.Seconds - meanSeconds)) / variance : 0;
        var rest = meanSeconds - (slope * meanVisits);
        return slope > 0 && rest >= 0 ? new PlanRates(slope, rest) : new PlanRates(seconds / visits);
    }
}
