using Sisa.Sharding;

namespace Sisa.Planning;

/// <summary>A simulated year of requests against one placement: who waits for whom, and what each retraining visits.</summary>
/// <remarks>
/// The first request that waits opens the window; when it is over, and no retraining is running, all that wait by then share one. What is asked in the year is finished, also behind its end. A retraining
/// takes time only where rates are known.
/// </remarks>
internal sealed class RetrainingYear
{
    public int Requests { get; private set; }

    public int Retrainings { get; private set; }

    public RetrainingWork Work { get; private set; }

    public double WaitedHours { get; private set; }

    /// <summary>Lives through a year.</summary>
    /// <param name="ledger">The account of the placement; changed.</param>
    /// <param name="subjects">The subjects, with their places.</param>
    /// <param name="places">Places of the subjects.</param>
    /// <param name="requests">The requests in order.</param>
    /// <param name="windowHours">The window.</param>
    /// <param name="rates">Seconds of training, or <see langword="null"/>.</param>
    public static RetrainingYear Run(RetrainingLedger ledger, IReadOnlyList<PlannedSubject> subjects, Placement[] places, List<SimulatedRequest> requests, double windowHours, PlanRates? rates)
    {
        var year = new RetrainingYear { Requests = requests.Count };
        var touched = new List<Placement>();
        double idleFrom = 0;
        for (var first = 0; first < requests.Count;)
        {
            var start = Math.Max(requests[first].Hours + windowHours, idleFrom);
            var end = first;
            touched.Clear();
            for (; end < requests.Count && requests[end].Hours <= start; end++)
            {
                foreach (var subject in requests[end].Subjects)
                {
                    ledger.Remove(places[subject], subjects[subject].Items);
                    touched.Add(places[subject]);
                }
            }

            var work = ledger.Retrain(touched);
            idleFrom = start + ((rates?.Seconds(work.Visits, work.Stages, 1) ?? 0) / 3600);
            for (; first < end; first++)
            {
                year.WaitedHours += idleFrom - requests[first].Hours;
            }

            year.Work = year.Work.Plus(work);
            year.Retrainings++;
        }

        return year;
    }
}
