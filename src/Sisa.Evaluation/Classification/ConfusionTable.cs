namespace Sisa.Evaluation.Classification;

/// <summary>How often each label was answered with each.</summary>
/// <param name="classes">Number of labels.</param>
/// <remarks>Not thread-safe. Memory: a row of one count a label for each label that occurs, not labels².</remarks>
public sealed class ConfusionTable(int classes)
{
    private readonly long[] _none = new long[classes];
    private readonly long[]?[] _rows = new long[]?[classes];

    /// <summary>Counts one answer.</summary>
    /// <param name="label">Index of the right label.</param>
    /// <param name="answer">Index of the chosen label.</param>
    public void Add(int label, int answer) => (_rows[label] ??= new long[classes])[answer]++;

    /// <summary>Items of one label, by the label that was chosen.</summary>
    /// <param name="label">Index of the right label.</param>
    public IReadOnlyList<long> Row(int label) => _rows[label] ?? _none;
}
