using Sisa.Evaluation.Intervals;
using Sisa.Measurements;

namespace Sisa.Evaluation.Memorization;

/// <summary>How much easier a planted canary is to guess with the model than without it.</summary>
/// <remarks>
/// Pure. Exposure = log₂|R| − log₂ rank, the rank being the canary's place among all fillings of its format by log-perplexity, itself included (Carlini et al., <i>The Secret
/// Sharer</i>, USENIX Security 2019, section 4). log₂|R|: it is the likeliest of all; a model that never saw it gives a rank that is uniform, so 1 bit or less in half of the cases,
/// and 1.44 bits on average. Of a space that is too large it is estimated by sampling, as −log₂ of the share of fillings that are at least as likely; a sample of n cannot tell more than log₂(n + 1) bits.
/// </remarks>
/// <param name="Bits">The exposure, in bits.</param>
/// <param name="MostBits">The largest value of this comparison: log₂|R| if all fillings were compared.</param>
/// <param name="IsExact">Whether all fillings were compared; else <see cref="Bits"/> is an estimate.</param>
/// <param name="Rank">Place of the canary among the fillings that were compared, itself included; 1 is the likeliest.</param>
/// <param name="Compared">Fillings that were compared, the canary included.</param>
public sealed record CanaryExposure(double Bits, double MostBits, bool IsExact, long Rank, long Compared)
{
    /// <summary>Whether the sample ends before the exposure does: no drawn filling was as likely, so the exposure may be higher.</summary>
    public bool IsLowerBound => !IsExact && Rank == 1;

    /// <summary>The exposure of a canary.</summary>
    /// <param name="space">Number of fillings, |R|.</param>
    /// <param name="canary">Loss of the planted filling, in the same unit as the others.</param>
    /// <param name="others">Losses of other fillings: all of them, or a sample without replacement (<see cref="CanaryFormat.Others"/>); at least one.</param>
    /// <exception cref="ArgumentException">There are no others, or more than the space has, or a loss is NaN, which has no rank.</exception>
    public static CanaryExposure Of(long space, double canary, IReadOnlyCollection<double> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        if (others.Count == 0 || others.Count > space - 1)
        {
            throw new ArgumentException($"A canary of {space} fillings is compared with 1 to {space - 1} others, found {others.Count}.", nameof(others));
        }

        // NaN is above nothing, so it would be the most exposed of all.
        if (double.IsNaN(canary) || others.Any(double.IsNaN))
        {
            throw new ArgumentException("A loss is NaN, expected numbers.", double.IsNaN(canary) ? nameof(canary) : nameof(others));
        }

        // Equally likely fillings come first, as in the paper, so a model that cannot distinguish them has no exposure.
        var rank = 1L + others.Count(other => other <= canary);
        var compared = others.Count + 1L;
        return new CanaryExposure(Math.Log2(compared) - Math.Log2(rank), Math.Log2(compared), compared == space, rank, compared);
    }

    /// <summary>Mean exposure of several canaries, and an interval over them as <see cref="Bootstrap.Figure"/> gives it.</summary>
    /// <param name="canaries">The canaries, at least one.</param>
    /// <param name="seed">Where the draws begin.</param>
    public static Estimate MeanOf(IReadOnlyList<CanaryExposure> canaries, Digest seed)
    {
        ArgumentNullException.ThrowIfNull(canaries);
        double[] bits = [.. canaries.Select(canary => canary.Bits)];
        return Bootstrap.Figure(bits.Length, counts => Bootstrap.Mean(bits, counts), seed);
    }
}
