using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>An operation of a model in the sizes of a recipe, with answers that are known: they are computed in doubles, by loops of this program.</summary>
/// <remarks>Equal records are the same question. Inputs are multiples of 1/64 in [−1, 1], which every format holds without rounding, and for up to 4,096 terms so are the sums of their products.</remarks>
internal abstract record KnownOperation
{
    /// <summary>What it is called, with its sizes, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Shapes of its inputs.</summary>
    public abstract IReadOnlyList<long[]> InputShapes { get; }

    /// <summary>Shape of its output.</summary>
    public abstract long[] OutputShape { get; }

    /// <summary>Computes it with the calls that models compute it with.</summary>
    /// <param name="inputs">Leaves of autograd, as <see cref="InputShapes"/> says.</param>
    /// <returns>Its output, in the current dispose scope.</returns>
    public abstract torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs);

    /// <summary>Some numbers of the output, and of the gradients of the inputs, as they must come out.</summary>
    /// <param name="question">What the operation is computed from.</param>
    public abstract IEnumerable<KnownNumber> Expect(KnownQuestion question);
}

/// <summary>A number of an output or of a gradient as it must come out.</summary>
/// <param name="Input">The input whose gradient it belongs to, from 0; <see cref="Output"/> for the output.</param>
/// <param name="Index">Its position, row-major.</param>
/// <param name="Value">What it is.</param>
/// <param name="Tolerance">How far a right computation may be from it.</param>
internal readonly record struct KnownNumber(int Input, long Index, double Value, double Tolerance)
{
    /// <summary>Stands for the output.</summary>
    public const int Output = -1;
}
