using Sisa.Aggregation;
using Sisa.Evaluation.Classification;
using Sisa.Measurements;
using Sisa.Readers;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Sharding;

namespace Sisa.Serving.Measuring;

/// <summary>Figures of an ensemble of classifiers and of each constituent on held-out items.</summary>
/// <param name="File">The file.</param>
/// <param name="Epoch">Epoch of the bundle.</param>
/// <param name="Aggregation">How answers were joined.</param>
/// <param name="Ensemble">Figures of the ensemble.</param>
/// <param name="Constituents">Figures of each constituent, by shard.</param>
/// <param name="Labels">The labels, in the order of the confusion table.</param>
/// <param name="Confusion">Rows: right label; columns: label that the ensemble chose.</param>
public sealed record ClassificationEvaluation(
    string File,
    long Epoch,
    AggregationRule Aggregation,
    ClassificationFigures Ensemble,
    IReadOnlyList<ConstituentFigures> Constituents,
    IReadOnlyList<string> Labels,
    IReadOnlyList<IReadOnlyList<long>> Confusion)
{
    /// <summary>Evaluates what a bundle serves.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="file">Held-out rows.</param>
    /// <param name="rule">How answers are joined.</param>
    /// <param name="device">Where answers are computed, or <see langword="null"/> for where the recipe trains.</param>
    /// <param name="cancellation">Ends the evaluation.</param>
    /// <exception cref="CorpusException">A row cannot be read.</exception>
    public static ClassificationEvaluation Of(IBundleSource bundle, string file, AggregationRule rule, string? device, CancellationToken cancellation)
    {
        using var answerer = new Answerer(bundle, rule, device);
        var classes = bundle.Recipe.Labels.Count;
        var ensemble = new ClassificationTally(classes);
        var confusion = new ConfusionTable(classes);
        var constituents = new SortedDictionary<ShardId, ClassificationTally>();
        foreach (var batch in CorpusReader.Read(file, bundle.Recipe, cancellationToken: cancellation).Select(Question.Of).Chunk(Answerer.BatchSize))
        {
            answerer.Answer(batch, (item, own, joined, chosen) =>
            {
                ensemble.Add(batch[item].Label, chosen, joined);
                confusion.Add(batch[item].Label, chosen);
                for (var c = 0; c < answerer.Shards.Count; c++)
                {
                    var shard = answerer.Shards[c];
                    if (!constituents.TryGetValue(shard, out var tally))
                    {
                        constituents.Add(shard, tally = new ClassificationTally(classes));
                    }

                    var probabilities = own.Slice(c * classes, classes);
                    tally.Add(batch[item].Label, Aggregator.ArgMax(probabilities), probabilities);
                }
            });
        }

        return new ClassificationEvaluation(
            file,
            answerer.Epoch,
            rule,
            ensemble.Figures(),
            [.. constituents.Select(c => new ConstituentFigures(c.Key, c.Value.Figures()))],
            bundle.Recipe.Labels,
            [.. Enumerable.Range(0, classes).Select(confusion.Row)]);
    }
}

/// <summary>Figures of one constituent.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="Figures">Its figures.</param>
public sealed record ConstituentFigures(ShardId Shard, ClassificationFigures Figures);
