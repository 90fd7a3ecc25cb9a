using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sisa.Training;

namespace Sisa.Torch.Steps;

/// <summary>What lies between the matrix products of a multi-layer perceptron, as loops over memory.</summary>
/// <remarks>Sums are taken in a fixed order that no vector width decides. Spans of activations are padded to whole vectors by their
/// owner.</remarks>
internal static class RowKernels
{
    /// <summary>Applies the activation in place.</summary>
    /// <param name="activation">Which one.</param>
    /// <param name="values">Pre-activations, whole vectors.</param>
    public static void Activate(Activation activation, Span<float> values)
    {
        var x = Vectors(values);
        if (activation == Activation.Tanh)
        {
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = VectorMath.Tanh(x[i]);
            }
        }
        else
        {
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = Vector256.Max(x[i], Vector256<float>.Zero);
            }
        }
    }

    /// <summary>Multiplies gradients by the derivative of the activation, in place.</summary>
    /// <param name="activation">Which one.</param>
    /// <param name="gradients">Gradients of the activations; become those of the pre-activations.</param>
    /// <param name="values">The activations, from which both derivatives can be told.</param>
    public static void Differentiate(Activation activation, Span<float> gradients, Span<float> values)
    {
        var g = Vectors(gradients);
        var y = Vectors(values)[..g.Length];
        if (activation == Activation.Tanh)
        {
            for (var i = 0; i < g.Length; i++)
            {
                g[i] = Vector256.FusedMultiplyAdd(g[i] * -y[i], y[i], g[i]);
            }
        }
        else
        {
            for (var i = 0; i < g.Length; i++)
            {
                g[i] = Vector256.ConditionalSelect(Vector256.GreaterThan(y[i], Vector256<float>.Zero), g[i], Vector256<float>.Zero);
            }
        }
    }

    /// <summary>Turns the logits of one item into the gradient of its cross-entropy: softmax less one at the label.</summary>
    /// <param name="logits">One row; overwritten.</param>
    /// <param name="label">Index of the label.</param>
    /// <returns>The item's loss in nats.</returns>
    public static double CrossEntropy(Span<float> logits, int label)
    {
        var highest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            highest = MathF.Max(highest, logit);
        }

        var shift = Vector256.Create(highest);
        var atLabel = logits[label] - highest;
        var sums = Vector256<float>.Zero;
        var whole = Vectors(logits);
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] = VectorMath.Exp(whole[i] - shift);
            sums += whole[i];
        }

        // The last few pass through a vector whose other lanes come out far below the precision of the sum, which is at least 1.
        Span<float> rest = stackalloc float[Vector256<float>.Count];
        var tail = logits[(whole.Length * Vector256<float>.Count)..];
        rest.Fill(float.NegativeInfinity);
        tail.CopyTo(rest);
        var last = VectorMath.Exp(Vector256.Create<float>(rest) - shift);
        sums += last;
        last.CopyTo(rest);
        rest[..tail.Length].CopyTo(tail);

        float sum = 0;
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
        {
            sum += sums[lane];
        }

        var scale = 1 / sum;
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] *= scale;
        }

        for (var i = 0; i < tail.Length; i++)
        {
            tail[i] *= scale;
        }

        logits[label] -= 1;
        return Math.Log(sum) - atLabel;
    }

    /// <summary>target = beta · target + alpha · (sum of the rows).</summary>
    /// <param name="target">One number a column.</param>
    /// <param name="matrix">Rows one after another, each as long as the target.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="beta">Factor of the target.</param>
    /// <param name="alpha">Factor of the sum.</param>
    public static void AddColumnSums(Span<float> target, ReadOnlySpan<float> matrix, int rows, float beta, float alpha)
    {
        var columns = target.Length;
        var column = 0;
        for (; column <= columns - Vector256<float>.Count; column += Vector256<float>.Count)
        {
            var sum = Vector256<float>.Zero;
            for (var row = 0; row < rows; row++)
            {
                sum += Vector256.Create(matrix.Slice((row * columns) + column, Vector256<float>.Count));
            }

            var place = target.Slice(column, Vector256<float>.Count);
            Vector256.FusedMultiplyAdd(sum, Vector256.Create(alpha), Vector256.Create<float>(place) * beta).CopyTo(place);
        }

        for (; column < columns; column++)
        {
            float sum = 0;
            for (var row = 0; row < rows; row++)
            {
                sum += matrix[(row * columns) + column];
            }

            target[column] = MathF.FusedMultiplyAdd(sum, alpha, target[column] * beta);
        }
    }

    private static Span<Vector256<float>> Vectors(Span<float> memory) => MemoryMarshal.Cast<float, Vector256<float>>(memory);
}
