using Sisa.Checkpoints;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Models.Mlp;

namespace Sisa.Torch.Perceptron;

/// <summary>Computes the three products of a perceptron's layers, whose answers are known, before a process trains with them.</summary>
/// <remarks>No library takes part; what could be wrong is the runtime's code or the processor. Each size is looked at once a process. Thread-safe.</remarks>
internal static class PerceptronAnswers
{
    private const int Items = LaneProducts.Count;

    private static readonly Lock Gate = new();
    private static readonly HashSet<LinearOperation> Right = [];

    /// <summary>The products of a perceptron's layers.</summary>
    /// <param name="architecture">The perceptron.</param>
    public static LinearOperation[] Layers(MlpArchitecture architecture)
    {
        var layers = new LinearOperation[architecture.Layers.Count];
        for (var i = 0; i < layers.Length; i++)
        {
            var shape = architecture.Parameters[architecture.Layers[i].Weight].Shape;
            layers[i] = LinearOperation.Of(Items, shape[1], shape[0]) with { Rows = Items };
        }

        return layers;
    }

    /// <summary>Requires that the products of layers come out right.</summary>
    /// <param name="layers">The layers.</param>
    /// <exception cref="EnvironmentException">One does not.</exception>
    public static void Require(LinearOperation[] layers)
    {
        lock (Gate)
        {
            // A layer counts as right only once it was found so: a worker goes on to other jobs after one that failed.
            foreach (var layer in layers)
            {
                if (!Right.Contains(layer))
                {
                    Check(layer, Compute);
                    Right.Add(layer);
                }
            }
        }
    }

    /// <summary>Looks at the products of one layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="compute">Computes output, gradient of the input and gradient of the weight, each row-major; a test computes them wrongly.</param>
    /// <exception cref="EnvironmentException">One comes out wrong.</exception>
    internal static void Check(LinearOperation layer, Action<LinearOperation, KnownQuestion, KnownArray[]> compute)
    {
        var (shapes, memory) = (layer.InputShapes, new List<AlignedFloats>());
        try
        {
            var inputs = new KnownArray[shapes.Length];
            for (var i = 0; i < inputs.Length; i++)
            {
                inputs[i] = Numbers(memory, shapes[i]);
            }

            var question = new KnownQuestion(shapes, inputs, Numbers(memory, layer.OutputShape));
            KnownArray[] answers = [Numbers(memory, layer.OutputShape), Numbers(memory, shapes[0]), Numbers(memory, shapes[1])];
            compute(layer, question, answers);
            layer.Compare(question, new KnownNumbers(layer, answers, () => $"Sisa's own kernels on {CpuModel.Describe()}"));
        }
        finally
        {
            foreach (var floats in memory)
            {
                floats.Dispose();
            }
        }
    }

    /// <summary>Output, gradient of the input, gradient of the weight.</summary>
    internal static void Compute(LinearOperation layer, KnownQuestion question, KnownArray[] answers)
    {
        var (inputs, outputs) = ((int)layer.Inputs, (int)layer.Outputs);
        var stride = LaneRows.Stride(inputs);
        var rows = new float[Items * stride];
        for (var item = 0; item < Items; item++)
        {
            question.Inputs[0].Span.Slice(item * inputs, inputs).CopyTo(new Span<float>(rows, item * stride, inputs));
        }

        var (x, y, below, gradients) = (new float[inputs * Items], new float[outputs * Items], new float[inputs * Items], new float[outputs * Items]);
        Transpose(question.Inputs[0].Span, x, Items, inputs);
        Transpose(question.OutputGradient.Span, gradients, Items, outputs);
        LaneProducts.Forward(question.Inputs[1].Span, question.Inputs[2].Span, x, y);
        LaneProducts.Backward(question.Inputs[1].Span, gradients, below);
        LaneProducts.Accumulate(answers[2].Span, gradients, rows, stride, Items, 0, 1);
        Transpose(y, answers[0].Span, outputs, Items);
        Transpose(below, answers[1].Span, inputs, Items);
    }

    private static KnownArray Numbers(List<AlignedFloats> memory, long[] shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            count *= size;
        }

        var numbers = new AlignedFloats(count);
        memory.Add(numbers);
        return new KnownArray(numbers.Span);
    }

    private static void Transpose(ReadOnlySpan<float> matrix, Span<float> result, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                result[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }
    }
}
