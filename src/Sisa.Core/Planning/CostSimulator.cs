using System.Globalization;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Planning;

/// <summary>Prices candidates by simulation: subjects are placed by the real rule under keys from seeds, requests of a year come at random, and the account of stages says what each retraining visits.</summary>
/// <remarks>For what <see cref="ClosedForms"/> cannot say: subjects of unequal size, windows, risk classes, fewest items of a shard. All candidates see the same keys and the same requests, so that they differ
/// by what they are, not by chance. Deterministic; not thread-safe.</remarks>
/// <param name="recipe">The recipe; the candidates replace its ensemble.</param>
/// <param name="corpus">The items and their subjects.</param>
/// <param name="load">Requests that are expected.</param>
/// <param name="rates">Seconds of training; <see langword="null"/> if unknown.</param>
public sealed class CostSimulator(Recipe recipe, PlannedCorpus corpus, RequestLoad load, PlanRates? rates)
{
    private const int AloneADraw = 20;

    /// <summary>Prices candidates.</summary>
    /// <param name="candidates">Any number; those of one ensemble are cheapest next to each other.</param>
    /// <param name="draws">Simulated years, each with its own key; at least one.</param>
    /// <param name="seed">Decides all of them.</param>
    /// <param name="cancellation">Ends the simulation.</param>
    public IReadOnlyList<SimulatedCost> Simulate(IReadOnlyList<PlanCandidate> candidates, int draws, ulong seed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        var seen = candidates.Select(_ => new Draws()).ToArray();
        for (var draw = 0; draw < draws; draw++)
        {
            var hashes = Hashes(Seeds.Derive(seed, "planned key", draw));
            var year = new RequestStream(corpus, load, Seeds.Derive(seed, "planned year", draw)).Year();
            var alone = new RequestStream(corpus, load, Seeds.Derive(seed, "planned request", draw));
            int[][] singles = [.. Enumerable.Range(0, AloneADraw).Select(_ => alone.Next()).Where(named => named.Length > 0)];
            Placed? placed = null;
            for (var i = 0; i < candidates.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                placed = placed?.Ensemble == candidates[i].Ensemble ? placed : Place(candidates[i].Ensemble, hashes);
                seen[i].Add(placed, singles, RetrainingYear.Run(placed.Ledger.Copy(), corpus.Subjects, placed.Places, year, candidates[i].WindowHours, rates), corpus);
            }
        }

        return [.. candidates.Select((candidate, i) => seen[i].Cost(candidate, CheckpointSize.Bytes(recipe with { Ensemble = candidate.Ensemble }), rates))];
    }

    private Digest[] Hashes(Digest key)
    {
        using var assignment = new ShardManager(new AssignmentKey(key.ToBytes()), new EnsembleOptions());
        return [.. Enumerable.Range(0, corpus.Subjects.Count).Select(i => assignment.Hash(i.ToString(CultureInfo.InvariantCulture)))];
    }

    private Placed Place(EnsembleOptions ensemble, Digest[] hashes)
    {
        var rule = new PlacementRule(ensemble);
        var ledger = new RetrainingLedger(ensemble.Shards, ensemble.Slices, new ExpectedVisits(new StageSchedule(recipe with { Ensemble = ensemble })));
        var places = new Placement[hashes.Length];
        var rare = new long[ensemble.Shards];
        for (var i = 0; i < places.Length; i++)
        {
            var subject = corpus.Subjects[i];
            var (shard, slice) = rule.Find(hashes[i], ensemble.RiskClasses.Count > 0 ? load.ClassOf(subject) : null);

            // Under by-batch, later batches are unknown, so batches count as equally large.
            places[i] = new Placement(shard, slice ?? new SliceIndex(1 + (int)Seeds.Scale(hashes[i].Low64, ensemble.Slices)));
            ledger.Add(places[i], subject.Items);
            rare[shard.Value] += subject.Rare;
        }

        return new Placed(ensemble, ledger, places, rare.Min());
    }

    private sealed record Placed(EnsembleOptions Ensemble, RetrainingLedger Ledger, Placement[] Places, long Fewest)
    {
        /// <summary>Average visits and stages of requests that are served alone.</summary>
        public (double Visits, double Stages) Alone(int[][] requests, PlannedCorpus corpus)
        {
            var work = default(RetrainingWork);
            foreach (var named in requests)
            {
                Array.ForEach(named, subject => Ledger.Remove(Places[subject], corpus.Subjects[subject].Items));
                work = work.Plus(Ledger.Retrain(named.Select(subject => Places[subject])));
                Array.ForEach(named, subject => Ledger.Add(Places[subject], corpus.Subjects[subject].Items));
            }

            return (work.Visits / Math.Max(1, requests.Length), (double)work.Stages / Math.Max(1, requests.Length));
        }
    }

    private sealed class Draws
    {
        private readonly List<(double Training, (double Visits, double Stages) Alone, RetrainingYear Year, long Fewest)> _draws = [];

        public void Add(Placed placed, int[][] singles, RetrainingYear year, PlannedCorpus corpus) =>
            _draws.Add((placed.Ledger.FullVisits, placed.Alone(singles, corpus), year, placed.Fewest));

        public SimulatedCost Cost(PlanCandidate candidate, long checkpointBytes, PlanRates? rates)
        {
            var all = candidate.Ensemble.Shards * candidate.Ensemble.Slices;
            Spread Of(Func<RetrainingYear, double> figure) => Spread.Of(_draws.Select(d => figure(d.Year)));
            Spread? Seconds(Func<PlanRates, (double Training, (double Visits, double Stages) Alone, RetrainingYear Year, long Fewest), double> figure) =>
                rates is null ? null : Spread.Of(_draws.Select(d => figure(rates, d)));
            return new SimulatedCost
            {
                Candidate = candidate,
                CheckpointBytes = checkpointBytes,
                TrainingVisits = Spread.Of(_draws.Select(d => d.Training)),
                RequestVisits = Spread.Of(_draws.Select(d => d.Alone.Visits)),
                BatchVisits = Of(y => y.Work.Visits / Math.Max(1, y.Retrainings)),
                YearVisits = Of(y => y.Work.Visits),
                Requests = Of(y => y.Requests),
                Retrainings = Of(y => y.Retrainings),
                Stages = Of(y => y.Work.Stages),
                BytesWritten = Of(y => (double)y.Work.Stages * checkpointBytes),
                WaitHours = Of(y => y.WaitedHours / Math.Max(1, y.Requests)),
                FewestPerClass = Spread.Of(_draws.Select(d => (double)d.Fewest)),
                TrainingSeconds = Seconds((r, d) => r.Seconds(d.Training, all, 1)),
                RequestSeconds = Seconds((r, d) => r.Seconds(d.Alone.Visits, d.Alone.Stages, 1)),
                BatchSeconds = Seconds((r, d) => r.Seconds(d.Year.Work.Visits, d.Year.Work.Stages, d.Year.Retrainings) / Math.Max(1, d.Year.Retrainings)),
                YearSeconds = Seconds((r, d) => r.Seconds(d.Year.Work.Visits, d.Year.Work.Stages, d.Year.Retrainings)),
            };
        }
    }
}
