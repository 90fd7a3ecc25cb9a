namespace Sisa.Aggregation;

/// <summary>How much each constituent is believed, given how well it explained the tokens of one text so far.</summary>
/// <remarks>
/// Branch-Train-Merge: Li et al. 2022, section 2 (domain posterior, by Bayes' rule), here with a uniform prior for every text, since a prior from other texts would make the
/// answer to one depend on its company. Not thread-safe. Holds one number a constituent, in 64 bits: evidence is a sum over thousands of tokens.
/// </remarks>
public sealed class TextPosterior
{
    private readonly double[] _evidence;
    private readonly double[] _logWeights;

    /// <summary>Starts a text: all weights are equal.</summary>
    /// <param name="constituents">At least one.</param>
    public TextPosterior(int constituents)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(constituents);
        _evidence = new double[constituents];
        _logWeights = new double[constituents];
        _logWeights.AsSpan().Fill(-Math.Log(constituents));
    }

    /// <summary>Logarithms of the weights, which sum to 1, for the token to come.</summary>
    public ReadOnlySpan<double> LogWeights => _logWeights;

    /// <summary>Takes a token of the text into account.</summary>
    /// <param name="logProbabilities">Its log-probability under each constituent, in nats.</param>
    /// <exception cref="ArgumentException">There are not as many as constituents.</exception>
    public void Observe(ReadOnlySpan<float> logProbabilities)
    {
        if (logProbabilities.Length != _evidence.Length)
        {
            throw new ArgumentException($"{logProbabilities.Length} numbers were given for {_evidence.Length} constituents.", nameof(logProbabilities));
        }

        for (var c = 0; c < _evidence.Length; c++)
        {
            _evidence[c] += logProbabilities[c];
        }

        var total = LogSum.Of(_evidence);
        for (var c = 0; c < _evidence.Length; c++)
        {
            _logWeights[c] = _evidence[c] - total;
        }
    }
}
