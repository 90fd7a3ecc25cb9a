using Sisa.Aggregation;
using Sisa.Generation;
using Sisa.Sharding;

namespace Sisa.Serving.Answering;

/// <summary>A text that an ensemble of language models wrote; written as JSON with camel-case names.</summary>
/// <param name="Number">Its number among those of one question, from 0.</param>
/// <param name="Text">The text behind the prompt.</param>
/// <param name="Tokens">Tokens that were drawn, without the mark behind the text.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="Epoch">Epoch of the bundle that wrote it.</param>
/// <param name="Shards">Shards whose constituents wrote it.</param>
/// <param name="Aggregation">How their expectations were joined.</param>
/// <param name="Seed">Seed of the stream that tokens were drawn with.</param>
public sealed record WrittenText(int Number, string Text, int Tokens, FinishReason Finish, long Epoch, IReadOnlyList<ShardId> Shards, AggregationRule Aggregation, ulong Seed)
{
    /// <summary>Makes an answer of what was written.</summary>
    /// <param name="written">The generated text.</param>
    /// <param name="number">Its number.</param>
    /// <param name="rule">How expectations were joined.</param>
    /// <param name="seed">Seed of the stream.</param>
    public static WrittenText Of(Composition written, int number, AggregationRule rule, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(written);
        return new WrittenText(number, written.Text, written.Tokens, written.Finish, written.Epoch, written.Shards, rule, seed);
    }
}

/// <summary>How a text is written.</summary>
public sealed record WritingOptions
{
    /// <summary>How tokens are drawn. Default: from the distribution as it is, with seed 17.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Texts that end it before them. Default: none.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Most tokens, at least 1. Default: 256.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Receives the text as it is generated, in whole code points, on the answering thread. Default: none.</summary>
    public Action<string>? OnText { get; init; }
}
