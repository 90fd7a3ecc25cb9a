using Sisa.Aggregation;

namespace Sisa.Torch.Inference;

/// <summary>The scores of one document under an ensemble of language models.</summary>
/// <param name="Constituents">Of each constituent, in the order of <see cref="LoadedConstituents.Shards"/>: the log-probability in nats of every token but the first, given those
/// before it in its window. Marks are tokens.</param>
/// <param name="Joined">The same under each rule that was asked for.</param>
public sealed record DocumentScore(IReadOnlyList<float[]> Constituents, IReadOnlyDictionary<AggregationRule, float[]> Joined);
