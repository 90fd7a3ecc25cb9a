using System.Numerics;

namespace Sisa.Torch.KnownAnswers;

/// <summary>The numbers that a <see cref="KnownOperation"/> is computed from, and which of its results are looked at.</summary>
/// <remarks>
/// <para>The same for the same operation on every machine. Not thread-safe.</para>
/// <para>
/// <b>What a sample sees.</b> Of a matrix of results it holds a number in every row and in every column, and all of the last row and the last column; of a side above 256 it takes the first and last 32 positions and
/// 64 between for all of them. Kernels are wrong where their code is another one: in a remainder of vectors or blocks, at an edge, or everywhere. So it sees a fault that fills a row, a column, a channel, an item
/// or a remainder, however narrow, and practically any fault that touches a tenth of the results.
/// </para>
/// <para>
/// <b>What it can miss.</b> A few wrong numbers between, such as one block that is wrong although others that the same code computes are right; on a side above 256, also a whole row or column of the middle that is
/// wrong alone; and what is wrong only with more items or rows than are computed (<see cref="KnownOperation"/>), or with other numbers. The places are fixed: what a process misses, all of them miss.
/// </para>
/// </remarks>
internal sealed class KnownQuestion
{
    // Kernels treat the first, the last and the middle of a row differently; all of a short row is looked at.
    private const int Whole = 256;
    private const int AtEachEnd = 32;
    private const int InTheMiddle = 64;

    private const int NumbersAtOnce = 8;
    private const int Denominator = 64;

    private ulong _state;

    /// <summary>Draws the numbers.</summary>
    /// <param name="shapes">The operation's shapes.</param>
    /// <param name="inputs">Receives its inputs, each row-major.</param>
    /// <param name="outputGradient">Receives the gradient of its output, from which those of the inputs follow.</param>
    public KnownQuestion(long[][] shapes, KnownArray[] inputs, KnownArray outputGradient)
    {
        foreach (var shape in shapes)
        {
            foreach (var size in shape)
            {
                _state = BitOperations.RotateLeft(_state, 13) ^ (ulong)size;
            }
        }

        (Inputs, OutputGradient) = (inputs, outputGradient);
        foreach (var input in inputs)
        {
            Draw(input.Span);
        }

        Draw(outputGradient.Span);
    }

    /// <summary>The inputs, each row-major.</summary>
    public KnownArray[] Inputs { get; }

    /// <summary>The gradient of the output.</summary>
    public KnownArray OutputGradient { get; }

    /// <summary>Positions of a row that are looked at: all of a short one, else its ends and some between.</summary>
    /// <param name="length">Length of the row.</param>
    public int[] Sample(long length)
    {
        var row = checked((int)length);
        var sample = new int[row <= Whole ? row : (2 * AtEachEnd) + InTheMiddle];
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = row <= Whole || i < AtEachEnd ? i : i < AtEachEnd + InTheMiddle ? AtEachEnd + Pick(row - (2 * AtEachEnd)) : row - sample.Length + i;
        }

        return sample;
    }

    /// <summary>Places of a matrix that are looked at: some in every sampled row and column, and all of these in the last row and the last column.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <returns>Their positions, row-major.</returns>
    public long[] Places(long rows, long columns)
    {
        var (down, across) = (Sample(rows), Sample(columns));
        var places = new long[2 * (down.Length + across.Length)];
        var count = 0;
        foreach (var column in across)
        {
            places[count++] = (Pick(rows) * columns) + column;
            places[count++] = ((rows - 1) * columns) + column;
        }

        foreach (var row in down)
        {
            places[count++] = (row * columns) + Pick(columns);
            places[count++] = (row * columns) + columns - 1;
        }

        return places;
    }

    /// <summary>A position of a row.</summary>
    /// <param name="length">Length of the row.</param>
    public int Pick(long length) => (int)(Next() % (ulong)length);

    private void Draw(Span<float> numbers)
    {
        for (var i = 0; i < numbers.Length; i += NumbersAtOnce)
        {
            var bits = Next();
            for (var j = i; j < Math.Min(numbers.Length, i + NumbersAtOnce); j++, bits >>= 8)
            {
                numbers[j] = ((int)(bits & ((2 * Denominator) - 1)) - Denominator) * (1f / Denominator);
            }
        }
    }

    // SplitMix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
    private ulong Next()
    {
        var z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
