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
internal record LinearOperation(long Rows, long Inputs, long Outputs, bool HasBias = true, ComputePrecision Precision = ComputePrecision.Full) : KnownOperation
{
    private const long MostWeights = 1L << 22;
    private const long MostProducts = 1L << 24;

    /// <inheritdoc/>
    public override string Description => $"the product of {Rows} × {Inputs} and {Inputs} × {Outputs} numbers{(HasBias ? " with a bias" : string.Empty)}{(Precision == ComputePrecision.Full ? string.Empty : " in bfloat16")}";

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> InputShapes => HasBias ? [[Rows, Inputs], [Outputs, Inputs], [Outputs]] : [[Rows, Inputs], [Outputs, Inputs]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Rows, Outputs];

    /// <summary>A layer as a model has it, with fewer outputs and rows where all of them would take longer than a moment.</summary>
    public static LinearOperation Of(long rows, long inputs, long outputs, bool hasBias = true, ComputePrecision precision = ComputePrecision.Full)
    {
        outputs = Math.Min(outputs, Math.Max(64, MostWeights / inputs));
        return new LinearOperation(Math.Clamp(MostProducts / (inputs * outputs), 1, rows), inputs, outputs, hasBias, precision);
    }

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => Products.Linear(inputs[0], inputs[1], HasBias ? inputs[2] : null, Precision);

    /// <inheritdoc/>
    public override IEnumerable<KnownNumber> Expect(KnownQuestion question)
    {
        foreach (var o in question.Sample(Outputs))
        {
            yield return Output(question, question.Pick(Rows), o);
            yield return WeightGradient(question, o, question.Pick(Inputs));
            if (HasBias)
            {
                yield return BiasGradient(question, o);
            }
        }

        foreach (var i in question.Sample(Inputs))
        {
            yield return InputGradient(question, question.Pick(Rows), i);
        }
    }

    private KnownNumber Output(KnownQuestion question, long row, long output)
    {
        var sum = new KnownSum(HasBias ? question.Inputs[2][output] : 0);
        sum.Add(question.Inputs[0], row * Inputs, 1, question.Inputs[1], output * Inputs, 1, Inputs);
        return sum.At(KnownNumber.Output, (row * Outputs) + output, Precision);
    }

    private KnownNumber InputGradient(KnownQuestion question, long row, long input)
    {
        var sum = default(KnownSum);
        sum.Add(question.OutputGradient, row * Outputs, 1, question.Inputs[1], input, Inputs, Outputs);
        return sum.At(0, (row * Inputs) + input, Precision);
    }

    private KnownNumber WeightGradient(KnownQuestion question, long output, long input)
    {
        var sum = default(KnownSum);
        sum.Add(question.OutputGradient, output, Outputs, question.Inputs[0], input, Inputs, Rows);
        return sum.At(1, (output * Inputs) + input, Precision);
    }

    private KnownNumber BiasGradient(KnownQuestion question, long output)
    {
        var sum = default(KnownSum);
        for (var row = 0L; row < Rows; row++)
        {
            sum.Add(question.OutputGradient[(row * Outputs) + output], 1);
        }

        return sum.At(2, output, Precision);
    }
}
