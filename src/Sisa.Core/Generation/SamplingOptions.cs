namespace Sisa.Generation;

/// <summary>How the next token is chosen from a distribution.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides log-probabilities: below 1 likely tokens become likelier; 0 always takes the likeliest. From 0; default 1, the distribution as it is.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only so many of the likeliest tokens are drawn from; 0, the default, for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the fewest of the likeliest tokens whose probabilities, after temperature and <see cref="TopK"/>, come to this are drawn from (nucleus sampling: Holtzman et al. 2020).
    /// Above 0, to 1; default 1, all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>How much tokens that were generated before are avoided; from 1, the default, not at all.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Seed of the stream that tokens are drawn with; default 17.</summary>
    public ulong Seed { get; init; } = 17;
}
