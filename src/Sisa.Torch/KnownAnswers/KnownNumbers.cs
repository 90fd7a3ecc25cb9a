using System.Globalization;
using Sisa.Torch.Native;

namespace Sisa.Torch.KnownAnswers;

/// <summary>The result of an operation, to be compared number by number.</summary>
/// <param name="operation">The operation.</param>
/// <param name="answers">Its output, then the gradients of its inputs, each row-major; the last gradients may be missing, and are not looked at.</param>
/// <param name="computer">The library and processor that computed them, for the error.</param>
internal sealed class KnownNumbers(KnownOperation operation, KnownArray[] answers, Func<string> computer)
{
    /// <summary>Stands for the output where an input says whose gradient is meant.</summary>
    public const int Output = -1;

    /// <summary>Requires that a number came out right.</summary>
    /// <param name="input">The input whose gradient it belongs to, from 0; <see cref="Output"/> for the output.</param>
    /// <param name="index">Its position, row-major.</param>
    /// <param name="value">The right value.</param>
    /// <param name="tolerance">How far a right computation may be from it.</param>
    /// <exception cref="EnvironmentException">It is another one.</exception>
    public void Require(int input, long index, double value, double tolerance)
    {
        // Written so that a result that is not a number fails.
        if (input + 1 < answers.Length && !(Math.Abs(answers[input + 1][index] - value) <= tolerance))
        {
            throw Wrong(input, index, value);
        }
    }

    private EnvironmentException Wrong(int input, long index, double value)
    {
        var part = input == Output ? "its output" : $"the gradient of its input {input + 1}";
        return new EnvironmentException(
            string.Create(CultureInfo.InvariantCulture, $"This machine computes {operation.Description} wrongly: element {index} of {part} has {answers[input + 1][index]:G6} where {value:G6} is right. Computed by {computer()}."),
            $"Nothing was trained or answered with it. Use another machine, or another build of libtorch {TorchVersion.Wanted} by {TorchVersion.FolderVariable}. A new store with 'numerics: portable', or another model, may use other kernels.");
    }
}
