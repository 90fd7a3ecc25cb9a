using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>A fully connected layer: y = x · wᵀ + b.</summary>
/// <param name="Rows">Rows of x.</param>
/// <param name="Inputs">Columns of x and of w.</param>
/// <param name="Outputs">Rows of w.</param>
/// <param name="HasBias">Whether there is a b.</param>
/// <param name="Precision">Numbers in which it is computed.</param>
public record LinearOperation(long Rows, long Inputs, long Outputs, bool HasBias = true, ComputePrecision Precision = ComputePrecision.Full) : KnownOperation
{
    private const long MostWeights = 1L << 22;
    private const long MostNumbers = 1L << 16;
    private const int WantedRows = 64;

    // With one row or two a library takes other kernels.
    private const int LeastRows = 16;

    /// <inheritdoc/>
    public override string Description => $"the product of {Rows} × {Inputs} and {Inputs} × {Outputs} numbers{(HasBias ? " with a bias" : string.Empty)}{(Precision == ComputePrecision.Full ? string.Empty : " in bfloat16")}";

    /// <inheritdoc/>
    public override long[][] InputShapes => HasBias ? [[Rows, Inputs], [Outputs, Inputs], [Outputs]] : [[Rows, Inputs], [Outputs, Inputs]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Rows, Outputs];

    /// <summary>A layer as a model has it, with fewer outputs and rows where all of them would take longer than a moment.</summary>
    public static LinearOperation Of(long rows, long inputs, long outputs, bool hasBias = true, ComputePrecision precision = ComputePrecision.Full)
    {
        outputs = Math.Min(outputs, Math.Max(64, MostWeights / inputs));
        return new LinearOperation(Fewer(rows, inputs * outputs, Math.Min(WantedRows, MostNumbers / (inputs + outputs)), LeastRows), inputs, outputs, hasBias, precision);
    }

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => Products.Linear(inputs[0], inputs[1], HasBias ? inputs[2] : null, Precision);

    /// <inheritdoc/>
    internal override void Compare(KnownQuestion question, KnownNumbers found)
    {
        foreach (var place in question.Places(Rows, Outputs))
        {
            var (row, output) = Math.DivRem(place, Outputs);
            var sum = new KnownSum(HasBias ? question.Inputs[2][output] : 0);
            sum.Add(question.Inputs[0], row * Inputs, 1, question.Inputs[1], output * Inputs, 1, Inputs);
            sum.Require(found, KnownNumbers.Output, place, Precision);
        }

        foreach (var place in question.Places(Rows, Inputs))
        {
            var (row, input) = Math.DivRem(place, Inputs);
            var sum = default(KnownSum);
            sum.Add(question.OutputGradient, row * Outputs, 1, question.Inputs[1], input, Inputs, Outputs);
            sum.Require(found, 0, place, Precision);
        }

        foreach (var place in question.Places(Outputs, Inputs))
        {
            var (output, input) = Math.DivRem(place, Inputs);
            var sum = default(KnownSum);
            sum.Add(question.OutputGradient, output, Outputs, question.Inputs[0], input, Inputs, Rows);
            sum.Require(found, 1, place, Precision);
        }

        for (var output = 0L; HasBias && output < Outputs; output++)
        {
            var sum = default(KnownSum);
            sum.Add(question.OutputGradient, output, Outputs, Rows);
            sum.Require(found, 2, output, Precision);
        }
    }
}
