using System.Runtime.InteropServices;
using System.Text;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Evaluation.Language;
using Sisa.Evaluation.Membership;
using Sisa.Evaluation.Memorization;
using Sisa.Measurements;
using Sisa.Models;
using Sisa.Readers.Tokenizers;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Bench.Studies;

/// <summary>What the constituents of a store make of texts that they saw once, or never did. Each text is shown to the constituent of its subject's shard: no other ever saw it.</summary>
/// <param name="Perplexity">Of the texts, per token.</param>
/// <param name="HeldOut">Of held-out texts, under the same constituents.</param>
/// <param name="Extraction">Share of texts that are reproduced.</param>
/// <param name="AucByLoss">Membership by mean loss.</param>
/// <param name="AucByMinK">Membership by the least expected tokens.</param>
/// <param name="Exposure">Mean exposure of the canaries.</param>
internal sealed record TextState(Estimate? Perplexity, Estimate? HeldOut, Estimate Extraction, Estimate AucByLoss, Estimate AucByMinK, Estimate Exposure)
{
    private const int Others = 1000;

    private static readonly Extraction Cut = new();

    /// <summary>Measures what a store serves.</summary>
    /// <param name="folder">The store.</param>
    /// <param name="texts">Texts that are, or were, asked to be forgotten.</param>
    /// <param name="heldOut">Texts that were never trained on.</param>
    public static TextState Of(string folder, IReadOnlyList<ShownText> texts, IReadOnlyList<ShownText> heldOut)
    {
        using var store = Store.Open(folder);
        var tokenizer = Tokenizer.Create(store.Recipe);
        var served = new ServedBundleQuery(store).Look().Files(store);
        var (losses, unseen, reproduced, groups, groupsMinK) = (new List<TextLoss>(), new List<TextLoss>(), new List<bool>(), new List<MembershipGroup>(), new List<MembershipGroup>());
        foreach (var shard in texts.GroupBy(text => store.Assignment.Find(text.Subject, null).Shard).Where(shard => served.ContainsKey(shard.Key)))
        {
            using var model = new LanguageEnsemble(store.Recipe);
            model.Set(shard.Key, served[shard.Key]);
            var own = Score(model, [.. shard.Select(text => Document(tokenizer, text.Text))]);
            var other = Score(model, [.. heldOut.Select(text => Document(tokenizer, text.Text))]);
            losses.AddRange(own.Select(score => TextLoss.Of(score)));
            unseen.AddRange(other.Select(score => TextLoss.Of(score)));
            groups.Add(new MembershipGroup([.. own.Select(score => TextLoss.Of(score).PerToken)], [.. other.Select(score => TextLoss.Of(score).PerToken)]));
            groupsMinK.Add(new MembershipGroup([.. own.Select(score => MinKProbability.Loss(score))], [.. other.Select(score => MinKProbability.Loss(score))]));
            reproduced.AddRange(Reproduced(model, tokenizer, store.Recipe, [.. shard.Select(text => text.Text)]));
        }

        var seed = Digest.Of(Encoding.UTF8.GetBytes("text forgetting study"));
        return new TextState(
            TextLoss.PerplexityOf(losses, seed),
            TextLoss.PerplexityOf(unseen, seed),
            Evaluation.Memorization.Extraction.ShareOf(reproduced),
            MembershipInference.Auc(groups),
            MembershipInference.Auc(groupsMinK),
            CanaryExposure.MeanOf(Exposures(store, tokenizer, served), seed));
    }

    private static List<CanaryExposure> Exposures(Store store, Tokenizer tokenizer, IReadOnlyDictionary<ShardId, CheckpointReference> served)
    {
        var form = TextCorpus.CanaryForm;
        var shard = store.Assignment.Find(TextCorpus.CanarySubject, null).Shard;
        using var model = new LanguageEnsemble(store.Recipe);
        model.Set(shard, served[shard]);
        double[] Losses(IEnumerable<long> fillings) => [.. Score(model, [.. fillings.Select(filling => Document(tokenizer, form.Text(filling)))]).Select(score => TextLoss.Of(score).Nats)];
        var exposures = new List<CanaryExposure>();
        foreach (var (filling, own) in TextCorpus.CanaryFillings.Zip(Losses(TextCorpus.CanaryFillings)))
        {
            var others = form.Others(filling, Others, new SeededGenerator(Seeds.Derive((ulong)filling, "exposure")));
            exposures.Add(CanaryExposure.Of(form.Space, own, Losses(others)));
        }

        return exposures;
    }

    private static IEnumerable<bool> Reproduced(LanguageEnsemble model, Tokenizer tokenizer, Recipe recipe, IReadOnlyList<string> texts)
    {
        var context = ((SequenceModelOptions)recipe.Model).Context;
        foreach (var batch in texts.Chunk(64))
        {
            // The mark before the text is the first token, so the text's own begin at the first prediction.
            var cuts = batch.Select(text => Cut.Cut(Encoding.UTF8.GetByteCount(text), context - 1)).ToArray();
            var foretold = model.Foretells([.. batch.Select(text => Document(tokenizer, text))]);
            for (var i = 0; i < batch.Length; i++)
            {
                if (cuts[i] is { } cut)
                {
                    yield return !foretold[i][0].AsSpan(cut.Prompt, cut.Continuation).Contains(false);
                }
            }
        }
    }

    private static List<float[]> Score(LanguageEnsemble model, IReadOnlyList<ReadOnlyMemory<byte>> documents) =>
        [.. documents.Chunk(256).SelectMany(batch => model.Score(batch)).Select(score => score.Constituents[0])];

    private static ReadOnlyMemory<byte> Document(Tokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.EncodeDocument(Encoding.UTF8.GetBytes(text), tokens);
        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(tokens)).ToArray();
    }
}
