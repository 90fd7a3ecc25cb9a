using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Evaluation.Classification;
using Sisa.Evaluation.ForgetQuality;
using Sisa.Measurements;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Serving.Measuring;

/// <summary>Measures effectiveness and retained utility with the ensembles of before and after.</summary>
/// <remarks>Loads libtorch when it is asked, which is after the publication. What cannot be measured is said, and keeps nothing from being purged.
/// Not thread-safe.</remarks>
/// <param name="store">The store.</param>
/// <param name="before">The bundle before the request; <see langword="null"/> if its figures are not needed.</param>
/// <param name="notify">Told, in a sentence, what cannot be measured.</param>
/// <param name="cancellation">Ends the measuring.</param>
public sealed class ForgettingMeter(Store store, ServedBundle? before, Action<string> notify, CancellationToken cancellation) : IForgettingMeter
{
    private readonly Dictionary<long, ForgettingMeasurements> _before = [];

    /// <summary>How the previous ensemble treated a request's items, after the measurement. Never to be stored (rule E9).</summary>
    /// <param name="request">Number of the request.</param>
    public ForgettingMeasurements? Before(long request) => _before.GetValueOrDefault(request);

    /// <inheritdoc/>
    public IReadOnlyDictionary<long, ForgettingMeasurements> Measure(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
    {
        MeasureBefore(requests);
        return Measure(new ServedBundle(store), requests);
    }

    /// <summary>Measures with the previous ensemble, while its files still exist.</summary>
    /// <param name="requests">The targets of each request, by its number.</param>
    public void MeasureBefore(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
    {
        if (before is null)
        {
            return;
        }

        foreach (var (request, measured) in Measure(before, requests.Where(r => !_before.ContainsKey(r.Key)).ToDictionary()))
        {
            _before.Add(request, measured);
        }
    }

    private Dictionary<long, ForgettingMeasurements> Measure(ServedBundle bundle, IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
    {
        var isLanguageModel = store.Recipe.Task == TaskKind.LanguageModel;
        if (requests.Count == 0 || bundle.IsEmpty)
        {
            return requests.ToDictionary(r => r.Key, _ => ForgettingMeasurements.None(isLanguageModel, AbsenceReason.NoModel));
        }

        try
        {
            if (isLanguageModel)
            {
                return new LanguageMeasurement(store, bundle, notify, cancellation).Of(requests);
            }

            using var answerer = new Answerer(bundle, store.Recipe.Aggregation);
            var (utility, unseen, whyNone) = HeldOut(answerer, requests.Values.SelectMany(r => r).Select(r => r.Shard).ToHashSet());
            return requests.ToDictionary(r => r.Key, r => ForgettingMeasurements.OfClassifier(Effectiveness(answerer, r.Value, unseen), utility, whyNone));
        }
        catch (SisaException e) when (e is not InterruptedException)
        {
            notify($"The effect of forgetting could not be measured: {e.Message}");
            return requests.ToDictionary(r => r.Key, _ => ForgettingMeasurements.None(isLanguageModel, AbsenceReason.Failed));
        }
    }

    private (RetainedUtility? Utility, Dictionary<ShardId, List<double>> Unseen, AbsenceReason WhyNone) HeldOut(Answerer answerer, HashSet<ShardId> affected)
    {
        var tally = new ClassificationTally(store.Recipe.Labels.Count);
        var unseen = affected.ToDictionary(shard => shard, _ => new List<double>());
        var rows = new HeldOutItems(store);
        void Measure(IReadOnlyList<Question> batch) => answerer.Answer(batch, (item, own, joined, chosen) =>
        {
            tally.Add(batch[item].Label, chosen, joined);
            AddLosses(answerer, own, batch[item].Label, unseen);
        });
        return rows.TryVisit(Question.Of, Measure, notify, cancellation)
            ? (tally.Items == 0 ? null : new RetainedUtility(tally.Figures(), rows.LeftOut), unseen, AbsenceReason.NoUnseen)
            : (null, [], AbsenceReason.Failed);
    }

    private static void AddLosses(Answerer answerer, ReadOnlySpan<float> own, int label, Dictionary<ShardId, List<double>> losses)
    {
        var classes = own.Length / answerer.Shards.Count;
        for (var c = 0; c < answerer.Shards.Count; c++)
        {
            if (losses.TryGetValue(answerer.Shards[c], out var list))
            {
                list.Add(ClassificationTally.Loss(own[(c * classes) + label]));
            }
        }
    }

    private static ForgettingEffectiveness? Effectiveness(Answerer answerer, IReadOnlyList<ForgottenRecord> records, Dictionary<ShardId, List<double>> unseen)
    {
        var shards = new List<(IReadOnlyList<double> Forgotten, IReadOnlyList<double> Unseen)>();
        foreach (var shard in records.GroupBy(r => r.Shard))
        {
            // A shard that nothing is left of has no constituent to ask.
            var own = new Dictionary<ShardId, List<double>> { [shard.Key] = [] };
            foreach (var batch in shard.Select(r => new Question(string.Empty, r.Label, r.Features)).Chunk(Answerer.BatchSize))
            {
                answerer.Answer(batch, (item, constituents, _, _) => AddLosses(answerer, constituents, batch[item].Label, own));
            }

            shards.Add((own[shard.Key], unseen.GetValueOrDefault(shard.Key) ?? []));
        }

        return EffectivenessFigures.Of(shards);
    }
}
