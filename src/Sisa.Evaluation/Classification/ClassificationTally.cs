using Sisa.Measurements;

namespace Sisa.Evaluation.Classification;

/// <summary>Counts a classifier's answers, item by item.</summary>
/// <param name="classes">Number of labels.</param>
/// <remarks>Not thread-safe. Memory: three counts a label. Which label was taken for which is counted by a <see cref="ConfusionTable"/>.</remarks>
public sealed class ClassificationTally(int classes)
{
    private const int Bins = 15;
    private const double SmallestProbability = 1e-12;

    private readonly long[] _given = new long[classes];
    private readonly long[] _chosen = new long[classes];
    private readonly long[] _right = new long[classes];
    private readonly long[] _binCount = new long[Bins];
    private readonly double[] _binConfidence = new double[Bins];
    private readonly long[] _binCorrect = new long[Bins];
    private double _loss;

    /// <summary>Number of items counted.</summary>
    public long Items { get; private set; }

    /// <summary>Counts one answer.</summary>
    /// <param name="label">Index of the right label.</param>
    /// <param name="answer">Index of the chosen label.</param>
    /// <param name="probabilities">One probability per label.</param>
    /// <exception cref="ArgumentException">One that is looked at is no number.</exception>
    public void Add(int label, int answer, ReadOnlySpan<float> probabilities)
    {
        var (loss, confidence) = (Loss(probabilities[label]), Finite(probabilities[answer]));
        Items++;
        _given[label]++;
        _chosen[answer]++;
        _right[label] += label == answer ? 1 : 0;
        _loss += loss;
        var bin = Math.Clamp((int)(confidence * Bins), 0, Bins - 1);
        _binCount[bin]++;
        _binConfidence[bin] += confidence;
        _binCorrect[bin] += label == answer ? 1 : 0;
    }

    /// <summary>−ln p(right label), in nats, floored as in <see cref="ClassificationFigures.LogLoss"/>.</summary>
    /// <param name="probability">Probability of the right label; rounding above 1 counts as 1.</param>
    /// <exception cref="ArgumentException">It is no number: a model that answers so has no loss.</exception>
    public static double Loss(float probability) => Math.Max(0, -Math.Log(Math.Max(Finite(probability), SmallestProbability)));

    /// <summary>The figures so far.</summary>
    /// <exception cref="InvalidOperationException">Nothing was counted.</exception>
    public ClassificationFigures Figures()
    {
        if (Items == 0)
        {
            throw new InvalidOperationException("No items were counted, so there are no figures.");
        }

        double f1 = 0;
        var labels = 0;
        for (var c = 0; c < _right.Length; c++)
        {
            var occurrences = _given[c] + _chosen[c];
            labels += occurrences > 0 ? 1 : 0;
            f1 += occurrences > 0 ? 2.0 * _right[c] / occurrences : 0;
        }

        double calibration = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            calibration += Math.Abs(_binCorrect[bin] - _binConfidence[bin]) / Items;
        }

        return new ClassificationFigures(Items, (double)_right.Sum() / Items, f1 / labels, _loss / Items, calibration);
    }

    private static float Finite(float probability) => float.IsFinite(probability)
        ? probability
        : throw new ArgumentException($"A probability is {probability}, expected a finite number.", nameof(probability));
}
