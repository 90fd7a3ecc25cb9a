using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>Softmax over each row, as attention and probabilities have it.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="Width">Numbers of a row.</param>
internal sealed record SoftmaxOperation(long Rows, long Width) : RowOperation(Rows, Width)
{
    /// <inheritdoc/>
    public override string Description => $"the softmax of {Rows} rows of {Width} numbers";

    /// <summary>Rows as a model has them, of which a few are computed.</summary>
    public static SoftmaxOperation Of(long rows, long width) => new(Math.Min(rows, MostRows), width);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => inputs[0].softmax(-1);

    /// <inheritdoc/>
    public override IEnumerable<KnownNumber> Expect(KnownQuestion question)
    {
        for (var row = 0L; row < Rows; row++)
        {
            var from = row * Width;
            var y = Probabilities(question.Inputs[0].AsSpan((int)from, (int)Width));
            var gradient = question.OutputGradient.AsSpan((int)from, (int)Width).ToArray();
            var mean = y.Zip(gradient, (p, g) => p * g).Sum();
            foreach (var number in All(KnownNumber.Output, from, y).Concat(All(0, from, [.. y.Zip(gradient, (p, g) => p * (g - mean))])))
            {
                yield return number;
            }
        }
    }

    /// <summary>Softmax in doubles.</summary>
    /// <param name="x">A row.</param>
    public static double[] Probabilities(ReadOnlySpan<float> x)
    {
        var powers = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            powers[i] = Math.Exp(x[i]);
        }

        var sum = powers.Sum();
        return Array.ConvertAll(powers, power => power / sum);
    }
}
