using Sisa.Aggregation;
using Sisa.Evaluation.Classification;
using Sisa.Measurements;
using Sisa.Readers;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Sharding;

namespace Sisa.Cli.Quickstart;

/// <summary>How well the models know the texts of one person.</summary>
/// <param name="Ensemble">Figures of the ensemble.</param>
/// <param name="Constituent">Figures of the one constituent that was trained on the texts.</param>
/// <param name="Telling">Probability that this constituent gives the right label of the telling text.</param>
internal sealed record PersonFigures(ClassificationFigures Ensemble, ClassificationFigures Constituent, double Telling)
{
    /// <summary>Asks what is served now.</summary>
    /// <param name="bundle">The served bundle.</param>
    /// <param name="file">The person's texts.</param>
    /// <param name="shard">Shard of the person.</param>
    /// <param name="telling">Id of the telling text.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static PersonFigures Of(IBundleSource bundle, string file, ShardId shard, string telling, CancellationToken cancellation)
    {
        using var answerer = new Answerer(bundle, bundle.Recipe.Aggregation);
        var classes = bundle.Recipe.Labels.Count;
        var (ensemble, constituent) = (new ClassificationTally(classes), new ClassificationTally(classes));
        var probability = double.NaN;
        foreach (var batch in CorpusReader.Read(file, bundle.Recipe, cancellationToken: cancellation).Select(Question.Of).Chunk(Answerer.BatchSize))
        {
            answerer.Answer(batch, (item, own, joined, chosen) =>
            {
                var probabilities = own.Slice(answerer.Shards.ToList().IndexOf(shard) * classes, classes);
                var label = batch[item].Label;
                ensemble.Add(label, chosen, joined);
                constituent.Add(label, Aggregator.ArgMax(probabilities), probabilities);
                probability = batch[item].Id == telling ? probabilities[label] : probability;
            });
        }

        return new PersonFigures(ensemble.Figures(), constituent.Figures(), probability);
    }
}
