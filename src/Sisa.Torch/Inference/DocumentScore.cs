using Sisa.Aggregation;

namespace Sisa.Torch.Inference;

/// <summary>What an ensemble of language models says of one document.</summary>
/// <param name="Constituents">Of each constituent, in the order of <see cref="LoadedConstituents.Shards"/>: the log-probability in nats of every token but the first, given those
/// before it in its window. Marks are tokens.</param>
/// <param name="Joined">The same under each rule that was asked for.</param>
public sealed record DocumentScore(IReadOnlyList<float[]> Constituents, IReadOnlyDictionary<AggregationRule, float[]> Joined);
