namespace Sisa.Measurements;

/// <summary>How language models treat forgotten texts. Each text is shown to the one constituent of its shard; no other constituent ever saw it.</summary>
/// <remarks>Rounded to two places (shares to as many as it takes to tell them from 0 and 1), so that the figures tell as little as possible about what the texts were. After a forgetting these are the figures of models that never saw them:
/// the checkpoints are byte for byte those of training without them, so that no other model need be trained to compare with.</remarks>
public sealed record LanguageForgetting
{
    /// <summary>Forgotten texts that were measured; at most as many as were forgotten, and none where nothing is left of their shards. Of a text that lost a span it is the text
    /// with the span.</summary>
    public required long Items { get; init; }

    /// <summary>Perplexity of the forgotten texts; this and the other perplexities are <see langword="null"/> if they exceed every number. Forgotten: like that of <see cref="UnseenPerplexity"/>; known by heart: near 1.</summary>
    public Estimate? Perplexity { get; init; }

    /// <summary>Perplexity of the tokens that were cut, read in the text as it was; <see langword="null"/> if no span was.</summary>
    public Estimate? SpanPerplexity { get; init; }

    /// <summary>Retained texts of the same shards that were measured.</summary>
    public required long Neighbours { get; init; }

    /// <summary>Their perplexity. It does not change if only the forgotten texts were forgotten.</summary>
    public Estimate? NeighbourPerplexity { get; init; }

    /// <summary>Unseen texts that the forgotten ones are compared with: the recipe's evaluation data, without what the store holds or has forgotten.</summary>
    public required long Unseen { get; init; }

    /// <summary>Perplexity of the unseen texts under the same constituents; <see langword="null"/> without unseen texts.</summary>
    public Estimate? UnseenPerplexity { get; init; }

    /// <summary>Membership inference by mean loss a token, and by the mean of its least likely tokens; <see langword="null"/> without unseen texts.</summary>
    public MeasuredMembership? ByLoss { get; init; }

    /// <inheritdoc cref="ByLoss"/>
    public MeasuredMembership? ByMinK { get; init; }

    /// <summary>Greedy extraction; <see langword="null"/> if every text was too short for it.</summary>
    public MeasuredExtraction? Extraction { get; init; }

    /// <summary>How good the ensemble is on the unseen texts; <see langword="null"/> if it was not measured.</summary>
    public RetainedText? Utility { get; init; }

    /// <summary>Figures that cannot be given, with reasons; <see langword="null"/> if none is missing, and in certificates of older versions.</summary>
    public IReadOnlyList<AbsentFigure>? Absent { get; init; }
}

/// <summary>How well an attack distinguishes forgotten from unseen texts.</summary>
/// <param name="Auc">Area under its curve, from twenty forgotten texts up: 0.5 is chance, 1 means that the models give every text away.</param>
/// <param name="Ranks">With fewer texts: for each, the share of unseen texts that look less like members, ascending.</param>
public sealed record MeasuredMembership(Estimate? Auc = null, IReadOnlyList<double>? Ranks = null);

/// <summary>How many forgotten texts a model goes on with word for word.</summary>
/// <param name="Prompt">Tokens that it was given; fewer of short texts, in proportion.</param>
/// <param name="Continuation">Tokens that it had to reproduce; fewer of short texts.</param>
/// <param name="Items">Texts that were long enough.</param>
/// <param name="Share">Share of them that were reproduced; 0 for none. A model that never saw a text reproduces predictable continuations, too.</param>
public sealed record MeasuredExtraction(int Prompt, int Continuation, long Items, Estimate Share);

/// <summary>How good the ensemble is after a forgetting.</summary>
public sealed record RetainedText
{
    /// <summary>Unseen texts.</summary>
    public required long Items { get; init; }

    /// <summary>Their perplexity under the joined constituents, and an interval over the texts; <see langword="null"/> if it exceeds every number.</summary>
    public Estimate? Perplexity { get; init; }

    /// <summary>The same loss in bits, for each byte of UTF-8: comparable between tokenizers.</summary>
    public required double BitsPerByte { get; init; }

    /// <summary>Rows of the file that are not held out: the store holds them, or was asked to forget them.</summary>
    public required long LeftOut { get; init; }
}
