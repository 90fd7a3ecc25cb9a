using System.Globalization;
using System.Runtime.InteropServices;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Evaluation.ForgetQuality;
using Sisa.Evaluation.Language;
using Sisa.Evaluation.Memorization;
using Sisa.Measurements;
using Sisa.Models;
using Sisa.Readers.Tokenizers;
using Sisa.Serving.Answering;
using Sisa.Serving.Bundles;
using Sisa.Sharding;
using Sisa.Torch.Inference;

namespace Sisa.Serving.Measuring;

/// <summary>How the language models of a bundle treat forgotten texts, their neighbours, and texts that none of them saw.</summary>
/// <remarks>
/// The work is bounded whatever is forgotten: at most <see cref="ForgottenRecords.MostTexts"/> texts of a request, <see cref="MostNeighbours"/> retained ones and
/// <see cref="MostUnseen"/> unseen ones, all chosen by keyed hash; and of each of the three no more tokens than some 2⁴⁰ operations read (4,096 to 131,072, by the size of the model), longer texts
/// from their beginning. Not thread-safe.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="bundle">The models.</param>
/// <param name="notify">Told, in a sentence, what cannot be measured.</param>
/// <param name="cancellation">Ends the measuring.</param>
internal sealed class LanguageMeasurement(Store store, ServedBundle bundle, Action<string> notify, CancellationToken cancellation)
{
    /// <summary>Most retained texts.</summary>
    public const int MostNeighbours = 256;

    /// <summary>Most unseen texts.</summary>
    public const int MostUnseen = 512;

    private const long Operations = 1L << 40;
    private const long FewestTokens = 4096;
    private const long MostTokens = 131_072;

    private readonly Extraction _extraction = new();

    // A vocabulary takes a while to read, and most texts are measured whole.
    private readonly Lazy<Tokenizer> _tokenizer = new(() => Tokenizer.Create(store.Recipe));
    private readonly SequenceModelOptions _model = (SequenceModelOptions)store.Recipe.Model;
    private readonly long _tokens = Math.Clamp(Operations / (2 * ((SequenceModelOptions)store.Recipe.Model).Shape.Parameters), FewestTokens, MostTokens);

    /// <summary>Measures requests.</summary>
    /// <param name="requests">The targets of each request, by its number.</param>
    public Dictionary<long, ForgettingMeasurements> Of(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
    {
        var chosen = requests.ToDictionary(r => r.Key, r => Choose(r.Value, requests.Count));
        var shards = chosen.Values.SelectMany(records => records).Select(r => r.Shard).Distinct().Order().ToArray();
        var (utility, unseen, whyNone) = HeldOut(shards);
        var scored = requests.Keys.ToDictionary(request => request, _ => new List<ScoredTexts>());
        using var ensemble = new LanguageEnsemble(store.Recipe);
        var scorer = new ConstituentScorer(ensemble, _model, _extraction, cancellation);
        foreach (var shard in shards.Where(shard => bundle.LoadAlone(ensemble, shard)))
        {
            // A shard that nothing is left of has no constituent to ask.
            var retained = new RetainedRecords(store).Choose(shard, Math.Max(1, MostNeighbours / shards.Length), Math.Max(1, _tokens * sizeof(int) / shards.Length));
            var neighbours = scorer.Score([.. retained.Select(features => new MeasuredText(Head(features, _tokens), []))]);
            foreach (var (request, records) in chosen)
            {
                MeasuredText[] texts = [.. records.Where(r => r.Shard == shard).Select(r => new MeasuredText(Head(r.Features, Share(requests.Count)), r.Spans))];
                scored[request].Add(new ScoredTexts(scorer.ScoreAndExtract(texts), neighbours, unseen.GetValueOrDefault(shard) ?? []));
            }
        }

        return scored.ToDictionary(s => s.Key, s => new ForgettingMeasurements(Language: LanguageForgettingFigures.Of(s.Value, _extraction, utility, whyNone, store.Recipe.Training.Seed)));
    }

    private (RetainedText? Utility, Dictionary<ShardId, List<TextScore>> Unseen, AbsenceReason WhyNone) HeldOut(IReadOnlyList<ShardId> shards)
    {
        var most = Math.Max(FewestTokens, _tokens / store.Recipe.Ensemble.Shards);
        var sample = new KeyedSample<Passage>(Seeds.Derive(store.Recipe.Training.Seed, "measured/unseen"), MostUnseen, most);
        var rows = new HeldOutItems(store);
        void Offer(IReadOnlyList<Passage> batch)
        {
            foreach (var row in batch.Where(row => row.Tokens.Length > sizeof(int) && row.Bytes > 0))
            {
                sample.Offer(row.Id, Math.Min(row.Tokens.Length / sizeof(int), most), () => Head(row, most));
            }
        }

        if (!rows.TryVisit(Passage.Of, Offer, notify, cancellation))
        {
            return (null, [], AbsenceReason.Failed);
        }

        if (sample.Items is not { Count: > 0 } chosen)
        {
            return (null, [], AbsenceReason.NoUnseen);
        }

        var (utility, unseen) = Score(chosen, shards, rows.LeftOut);
        return (utility, unseen, AbsenceReason.NoUnseen);
    }

    private (RetainedText Utility, Dictionary<ShardId, List<TextScore>> Unseen) Score(IReadOnlyList<Passage> rows, IReadOnlyList<ShardId> shards, long leftOut)
    {
        using var ensemble = new LanguageEnsemble(store.Recipe);
        bundle.Refresh(ensemble);
        var unseen = shards.Intersect(ensemble.Shards).ToDictionary(shard => shard, _ => new List<TextScore>());
        var losses = new List<TextLoss>();
        foreach (var batch in rows.Chunk(ConstituentScorer.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var score in ensemble.Score([.. batch.Select(row => row.Tokens.AsMemory())], [store.Recipe.Aggregation]))
            {
                losses.Add(TextLoss.Of(score.Joined[store.Recipe.Aggregation]));
                for (var c = 0; c < ensemble.Shards.Count; c++)
                {
                    unseen.GetValueOrDefault(ensemble.Shards[c])?.Add(TextScore.Of(score.Constituents[c], []));
                }
            }
        }

        var perplexity = TextLoss.PerplexityOf(losses, Seeds.Derive(store.Recipe.Training.Seed, "measurement/utility"));
        return (new RetainedText { Items = rows.Count, Perplexity = perplexity, BitsPerByte = losses.Sum(l => l.Bits) / rows.Sum(row => row.Bytes), LeftOut = leftOut }, unseen);
    }

    private IReadOnlyList<ForgottenRecord> Choose(IReadOnlyList<ForgottenRecord> records, int requestCount)
    {
        var sample = new KeyedSample<ForgottenRecord>(Seeds.Derive(store.Recipe.Training.Seed, "measured/forgotten"), ForgottenRecords.MostTexts, Share(requestCount));
        for (var i = 0; i < records.Count; i++)
        {
            var record = records[i];
            sample.Offer(i.ToString(CultureInfo.InvariantCulture), Math.Min(record.Features.Length / sizeof(int), Share(requestCount)), () => record);
        }

        return sample.Items;
    }

    // Requests that are measured together share what may be read, but each reads a beginning.
    private long Share(int requestCount) => Math.Max(FewestTokens / 4, _tokens / requestCount);

    private Passage Head(Passage row, long tokens)
    {
        var features = Head(row.Tokens, tokens);
        if (features.Length == row.Tokens.Length)
        {
            return row;
        }

        var bytes = 0;
        foreach (var token in MemoryMarshal.Cast<byte, int>(features))
        {
            bytes += _tokenizer.Value.Bytes(token).Length;
        }

        return row with { Tokens = features, Bytes = bytes };
    }

    private static byte[] Head(byte[] features, long tokens) => features.Length / sizeof(int) > tokens ? features[..((int)tokens * sizeof(int))] : features;
}
