using Sisa.Sharding;

namespace Sisa.Torch.KnownAnswers;

/// <summary>The numbers that a <see cref="KnownOperation"/> is computed from, and which of its results are looked at.</summary>
/// <remarks>The same for the same operation on every machine. Not thread-safe.</remarks>
internal sealed class KnownQuestion
{
    // Kernels treat the first, the last and the middle of a row differently; all of a short row is looked at.
    private const int Whole = 256;
    private const int AtEachEnd = 32;
    private const int InTheMiddle = 64;
    private const int Denominator = 64;

    private readonly SeededGenerator _generator;

    /// <summary>Draws the numbers.</summary>
    /// <param name="operation">The operation.</param>
    public KnownQuestion(KnownOperation operation)
    {
        _generator = new SeededGenerator(Seeds.Derive(0, operation.Description));
        Inputs = [.. operation.InputShapes.Select(shape => Draw(Count(shape)))];
        OutputGradient = operation.OutputShape.Length == 0 ? [1] : Draw(Count(operation.OutputShape));
    }

    /// <summary>The inputs, each row-major.</summary>
    public IReadOnlyList<float[]> Inputs { get; }

    /// <summary>The gradient of the output, from which those of the inputs follow.</summary>
    public float[] OutputGradient { get; }

    /// <summary>Positions of a row that are looked at: all of a short one, else its ends and some between.</summary>
    /// <param name="length">Length of the row.</param>
    public IEnumerable<int> Sample(long length)
    {
        var row = checked((int)length);
        if (row <= Whole)
        {
            return Enumerable.Range(0, row);
        }

        var middle = Enumerable.Range(0, InTheMiddle).Select(_ => AtEachEnd + Pick(row - (2 * AtEachEnd))).ToList();
        return [.. Enumerable.Range(0, AtEachEnd), .. middle, .. Enumerable.Range(row - AtEachEnd, AtEachEnd)];
    }

    /// <summary>A position of a row.</summary>
    /// <param name="length">Length of the row.</param>
    public int Pick(long length) => _generator.NextInt32(checked((int)length));

    /// <summary>Elements of a shape.</summary>
    /// <param name="shape">The shape.</param>
    public static long Count(long[] shape) => shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Numbers that are drawn as inputs are.</summary>
    /// <param name="count">How many.</param>
    public float[] Draw(long count)
    {
        var numbers = new float[count];
        foreach (ref var number in numbers.AsSpan())
        {
            number = (_generator.NextInt32((2 * Denominator) + 1) - Denominator) / (float)Denominator;
        }

        return numbers;
    }
}
