namespace Sisa.Aggregation;

/// <summary>Figures of a classifier over labelled items.</summary>
/// <param name="Items">Number of items.</param>
/// <param name="Accuracy">Share of items whose chosen label is right.</param>
/// <param name="MacroF1">Mean over labels of the harmonic mean of precision and recall; a label that neither occurs nor is chosen is left out.</param>
/// <param name="LogLoss">Mean of −ln p(right label), in nats; probabilities are floored at 1e-12.</param>
/// <param name="CalibrationError">Expected calibration error over fifteen bins of equal width (Guo et al. 2017, equation 3).</param>
public sealed record ClassificationFigures(long Items, double Accuracy, double MacroF1, double LogLoss, double CalibrationError);

/// <summary>Counts a classifier's answers, item by item.</summary>
/// <remarks>Not thread-safe. Memory: labels² counts.</remarks>
public sealed class ClassificationTally
{
    private const int Bins = 15;
    private const double SmallestProbability = 1e-12;

    private readonly int _classes;
    private readonly long[] _confusion;
    private readonly long[] _binCount = new long[Bins];
    private readonly double[] _binConfidence = new double[Bins];
    private readonly long[] _binCorrect = new long[Bins];
    private double _loss;

    /// <summary>Creates an empty tally.</summary>
    /// <param name="classes">Number of labels.</param>
    public ClassificationTally(int classes)
    {
        _classes = classes;
        _confusion = new long[classes * classes];
    }

    /// <summary>Number of items counted.</summary>
    public long Items { get; private set; }

    /// <summary>Items of a label that were given another, or the same.</summary>
    /// <param name="label">Index of the right label.</param>
    /// <param name="answer">Index of the chosen label.</param>
    public long Confusion(int label, int answer) => _confusion[(label * _classes) + answer];

    /// <summary>Counts one answer.</summary>
    /// <param name="label">Index of the right label.</param>
    /// <param name="answer">Index of the chosen label.</param>
    /// <param name="probabilities">One probability per label.</param>
    public void Add(int label, int answer, ReadOnlySpan<float> probabilities)
    {
        Items++;
        _confusion[(label * _classes) + answer]++;
        _loss -= Math.Log(Math.Max(probabilities[label], SmallestProbability));
        var confidence = probabilities[answer];
        var bin = Math.Clamp((int)(confidence * Bins), 0, Bins - 1);
        _binCount[bin]++;
        _binConfidence[bin] += confidence;
        _binCorrect[bin] += label == answer ? 1 : 0;
    }

    /// <summary>The figures so far.</summary>
    /// <exception cref="InvalidOperationException">Nothing was counted.</exception>
    public ClassificationFigures Figures()
    {
        if (Items == 0)
        {
            throw new InvalidOperationException("There are no figures of no items.");
        }

        long right = 0;
        double f1 = 0;
        var labels = 0;
        for (var c = 0; c < _classes; c++)
        {
            long given = 0;
            long chosen = 0;
            for (var other = 0; other < _classes; other++)
            {
                given += Confusion(c, other);
                chosen += Confusion(other, c);
            }

            right += Confusion(c, c);
            if (given + chosen > 0)
            {
                labels++;
                f1 += 2.0 * Confusion(c, c) / (given + chosen);
            }
        }

        double calibration = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            calibration += Math.Abs(_binCorrect[bin] - _binConfidence[bin]) / Items;
        }

        return new ClassificationFigures(Items, (double)right / Items, f1 / labels, _loss / Items, calibration);
    }
}
