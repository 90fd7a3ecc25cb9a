using Sisa.Aggregation;
using Sisa.Memorization;
using Sisa.Sharding;

namespace Sisa.Forgetting;

/// <summary>What language models make of forgotten texts. Each text is shown to the one constituent whose shard it belonged to: no other ever saw it.</summary>
/// <remarks>Rounded to two places, so that the figures tell as little as possible about what the texts were. After a forgetting these are the figures of models that never saw them:
/// the checkpoints are byte for byte those of training without them, so that no other model need be trained to compare with.</remarks>
public sealed record LanguageForgetting
{
    private const int Places = 2;

    /// <summary>Forgotten texts that were measured; at most as many as were forgotten, and none where nothing is left of their shards. Of a text that lost a span it is the text
    /// with the span.</summary>
    public required long Items { get; init; }

    /// <summary>Perplexity of the forgotten texts. Forgotten: like that of <see cref="UnseenPerplexity"/>; known by heart: near 1.</summary>
    public Estimate? Perplexity { get; init; }

    /// <summary>Perplexity of the tokens that were cut, read in the text as it was; <see langword="null"/> where no span was.</summary>
    public Estimate? SpanPerplexity { get; init; }

    /// <summary>Retained texts of the same shards that were measured.</summary>
    public required long Neighbours { get; init; }

    /// <summary>Their perplexity: it stays what it was before, where nothing but the forgotten texts was forgotten.</summary>
    public Estimate? NeighbourPerplexity { get; init; }

    /// <summary>Unseen texts that the forgotten ones are compared with: the recipe's evaluation data, without what the store holds or has forgotten.</summary>
    public required long Unseen { get; init; }

    /// <summary>Perplexity of the unseen texts under the same constituents; <see langword="null"/> without unseen texts.</summary>
    public Estimate? UnseenPerplexity { get; init; }

    /// <summary>Membership inference by mean loss a token, and by <see cref="MinKProbability"/>; <see langword="null"/> without unseen texts.</summary>
    public MeasuredMembership? ByLoss { get; init; }

    /// <inheritdoc cref="ByLoss"/>
    public MeasuredMembership? ByMinK { get; init; }

    /// <summary>Greedy extraction; <see langword="null"/> where every text was too short for it.</summary>
    public MeasuredExtraction? Extraction { get; init; }

    /// <summary>How good the ensemble is on the unseen texts; <see langword="null"/> where it was not measured.</summary>
    public RetainedText? Utility { get; init; }

    /// <summary>Makes the figures.</summary>
    /// <param name="shards">What each affected constituent made of the texts; unseen texts are the same for all.</param>
    /// <param name="extraction">How texts were cut for the extraction.</param>
    /// <param name="seed">The recipe's seed, from which the draws of the intervals follow.</param>
    public static LanguageForgetting Of(IEnumerable<ScoredTexts> shards, Extraction extraction, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(extraction);
        var measured = shards.Where(s => s.Forgotten.Count > 0).ToArray();
        var unseen = measured.Length == 0 ? 0 : measured[0].Unseen.Count;
        TextScore[] forgotten = [.. measured.SelectMany(s => s.Forgotten)];

        Digest Draws(string figure) => Seeds.Derive(seed, $"measurement/{figure}");
        Estimate? Perplexity(string figure, IEnumerable<TextLoss> losses) =>
            losses.ToArray() is { Length: > 0 } texts ? TextLoss.PerplexityOf(texts, Draws(figure)).Round(Places) : null;
        MeasuredMembership? Membership(string figure, Func<TextScore, double> loss) => unseen == 0
            ? null
            : MeasuredMembership.Of([.. measured.Select(s => new MembershipGroup([.. s.Forgotten.Select(loss)], [.. s.Unseen.Select(loss)]))], Draws(figure), Places);
        bool[] reproduced = [.. forgotten.Select(t => t.IsReproduced).OfType<bool>()];
        return new LanguageForgetting
        {
            Items = forgotten.Length,
            Perplexity = Perplexity("perplexity", forgotten.Select(t => t.Loss)),
            SpanPerplexity = Perplexity("span-perplexity", forgotten.Select(t => t.Span).OfType<TextLoss>()),
            Neighbours = measured.Sum(s => s.Neighbours.Count),
            NeighbourPerplexity = Perplexity("neighbour-perplexity", measured.SelectMany(s => s.Neighbours).Select(t => t.Loss)),
            Unseen = unseen,
            UnseenPerplexity = Perplexity("unseen-perplexity", measured.SelectMany(s => s.Unseen).Select(t => t.Loss)),
            ByLoss = Membership("by-loss", t => t.Loss.PerToken),
            ByMinK = Membership("by-min-k", t => t.MinK),
            Extraction = reproduced.Length == 0
                ? null
                : new MeasuredExtraction(extraction.Prompt, extraction.Continuation, reproduced.Length, Sisa.Memorization.Extraction.ShareOf(reproduced, Draws("extraction")).Round(Places)),
        };
    }
}

/// <summary>How well an attack tells forgotten texts from unseen ones.</summary>
/// <param name="Auc">Area under its curve, from <see cref="MembershipInference.MinItems"/> forgotten texts up: 0.5 is chance, 1 means that the models give every text away.</param>
/// <param name="Ranks">With fewer texts: for each, the share of unseen texts that look less like members, ascending.</param>
public sealed record MeasuredMembership(Estimate? Auc = null, IReadOnlyList<double>? Ranks = null)
{
    internal static MeasuredMembership Of(IReadOnlyList<MembershipGroup> groups, Digest seed, int places)
    {
        double[] ranks = [.. groups.SelectMany(g => MembershipInference.Ranks(g.Losses, [.. g.Unseen.Order()])).Order()];
        return ranks.Length >= MembershipInference.MinItems
            ? new MeasuredMembership(MembershipInference.Auc(groups, seed).Round(places))
            : new MeasuredMembership(Ranks: [.. ranks.Select(rank => Math.Round(rank, places))]);
    }
}

/// <summary>How many forgotten texts a model goes on with word for word.</summary>
/// <param name="Prompt">Tokens that it was given; fewer of short texts, in proportion.</param>
/// <param name="Continuation">Tokens that it had to reproduce; fewer of short texts.</param>
/// <param name="Items">Texts that were long enough.</param>
/// <param name="Share">Share of them that were reproduced: 0 for none. What anybody could go on with is reproduced by a model that never saw it, too.</param>
public sealed record MeasuredExtraction(int Prompt, int Continuation, long Items, Estimate Share);

/// <summary>How good the ensemble is after a forgetting.</summary>
/// <param name="Items">Unseen texts.</param>
/// <param name="Perplexity">Their perplexity under the joined constituents, and an interval over the texts.</param>
/// <param name="BitsPerByte">The same loss in bits, for each byte of UTF-8: comparable between tokenizers.</param>
/// <param name="LeftOut">Rows of the file that are not held out: the store holds them, or was asked to forget them.</param>
public sealed record RetainedText(long Items, Estimate Perplexity, double BitsPerByte, long LeftOut);
