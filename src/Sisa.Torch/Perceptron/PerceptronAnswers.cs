using Sisa.Checkpoints;
using Sisa.Torch.KnownAnswers;

namespace Sisa.Torch.Perceptron;

/// <summary>Computes the three products of a perceptron's layers, whose answers are known, before a process trains with them.</summary>
/// <remarks>No library takes part; what could be wrong is the runtime's code or the processor. Each size is looked at once a process. Thread-safe.</remarks>
internal static class PerceptronAnswers
{
    private const int Items = LaneProducts.Count;

    private static readonly Lock Gate = new();
    private static readonly HashSet<LinearOperation> Right = [];

    /// <summary>Requires that the products of layers come out right.</summary>
    /// <param name="layers">Inputs and outputs of each layer.</param>
    /// <exception cref="EnvironmentException">One does not.</exception>
    public static void Require(IEnumerable<(long Inputs, long Outputs)> layers)
    {
        lock (Gate)
        {
            // A layer counts as right only once it was found so: a worker goes on to other jobs after one that failed.
            foreach (var layer in layers.Select(Operation).Where(layer => !Right.Contains(layer)))
            {
                Check(layer, Compute);
                Right.Add(layer);
            }
        }
    }

    /// <summary>Looks at the products of layers, each time anew.</summary>
    internal static void Compute(IEnumerable<(long Inputs, long Outputs)> layers)
    {
        foreach (var layer in layers.Select(Operation))
        {
            Check(layer, Compute);
        }
    }

    /// <summary>Looks at the products of one layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="compute">Computes output and gradients, each row-major; a test computes them wrongly.</param>
    /// <exception cref="EnvironmentException">One comes out wrong.</exception>
    internal static void Check(LinearOperation layer, Func<LinearOperation, KnownQuestion, float[][]> compute)
    {
        var question = new KnownQuestion(layer);
        KnownAnswerCheck.Compare(layer, question, compute(layer, question), () => $"Sisa's own kernels on {CpuModel.Describe()}");
    }

    /// <summary>Output, gradient of the input, gradient of the weight.</summary>
    internal static float[][] Compute(LinearOperation layer, KnownQuestion question)
    {
        var (inputs, outputs) = ((int)layer.Inputs, (int)layer.Outputs);
        var stride = LaneRows.Stride(inputs);
        var rows = new float[Items * stride];
        for (var item = 0; item < Items; item++)
        {
            question.Inputs[0].AsSpan(item * inputs, inputs).CopyTo(rows.AsSpan(item * stride));
        }

        var (y, below, gradients) = (new float[outputs * Items], new float[inputs * Items], Transposed(question.OutputGradient, Items, outputs));
        var weight = new float[outputs * inputs];
        LaneProducts.Forward(question.Inputs[1], question.Inputs[2], Transposed(question.Inputs[0], Items, inputs), y);
        LaneProducts.Backward(question.Inputs[1], gradients, below);
        LaneProducts.Accumulate(weight, gradients, rows, stride, Items, 0, 1);
        return [Transposed(y, outputs, Items), Transposed(below, inputs, Items), weight];
    }

    private static LinearOperation Operation((long Inputs, long Outputs) layer) => LinearOperation.Of(Items, layer.Inputs, layer.Outputs) with { Rows = Items };

    private static float[] Transposed(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                result[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }

        return result;
    }
}
