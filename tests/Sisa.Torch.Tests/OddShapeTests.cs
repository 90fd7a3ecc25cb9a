using Sisa.Sharding;
using Sisa.Torch.Models;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Tests;

/// <summary>The operations that models take from libtorch, forward and backward, beside the same operations in doubles, at sizes that are no multiple of a vector's width.</summary>
/// <remarks>libtorch computes doubles by other kernels than floats, and oneDNN, which once gave wrong convolutions in floats, has none for doubles (<c>A_product_in_doubles_is_that_of_loops</c>).</remarks>
public sealed class OddShapeTests(ITestOutputHelper output)
{
    // Of the largest value. A float has 24 bits: sums of some hundred products, each off by 2⁻²⁴ of what it adds to, stay far below; a bfloat16 has 8, and every result
    // is rounded to them once or twice (2⁻⁹ each). A kernel that drops a channel is off by a tenth and more.
    private const double OfFloats = 1e-5;
    private const double OfBFloats = 3e-2;

    // The norm of a single number is a rounding divided by the root of epsilon, 316 times as large, and its gradients are sums of such.
    private const double OfSingleNorms = 2e-3;

    private static readonly int[] Sizes = [1, 3, 7, 9, 15, 17, 31, 33];

    public static TheoryData<string, bool> Operations() => new(
        from name in (string[])["linear", "bmm", "bmm-transposed", "attention", "embedding", "softmax", "log-softmax", "layer-norm", "rms-norm", "group-norm", "cross-entropy", "max-pool"]
        from bfloat16 in (bool[])[false, true]
        where !bfloat16 || name is "linear" or "bmm" or "bmm-transposed" or "attention"
        select new TheoryDataRow<string, bool>(name, bfloat16));

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_agrees_with_doubles_at_odd_sizes(string name, bool bfloat16)
    {
        var worst = 0.0;
        foreach (var a in Sizes)
        {
            foreach (var b in Sizes)
            {
                foreach (var c in (int[])[1, 9, 17, 33])
                {
                    var allowed = bfloat16 ? OfBFloats : c == 1 && name.EndsWith("-norm", StringComparison.Ordinal) ? OfSingleNorms : OfFloats;
                    var (off, what) = Difference(name, a, b, c, bfloat16);
                    worst = Math.Max(worst, off);
                    Assert.True(off < allowed, $"{name} {a} × {b} × {c}, {what}: off by {off} of the largest value");
                }
            }
        }

        output.WriteLine($"{name}{(bfloat16 ? ", bfloat16" : "")}: off by {worst:G2} of the largest value at most");
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(9, 17, 33)]
    [InlineData(31, 20, 7)]
    public void A_product_in_doubles_is_that_of_loops(int rows, int inner, int columns)
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (Numbers(rows * inner, 1), Numbers(inner * columns, 2));
        var product = torch.tensor(a).view(rows, inner).to_type(torch.float64).matmul(torch.tensor(b).view(inner, columns).to_type(torch.float64)).flatten().data<double>().ToArray();
        for (var i = 0; i < product.Length; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            Assert.Equal(Enumerable.Range(0, inner).Sum(k => (double)a[(row * inner) + k] * b[(k * columns) + column]), product[i], 1e-13);
        }
    }

    private static (double Off, string What) Difference(string name, int a, int b, int c, bool bfloat16)
    {
        using var scope = torch.NewDisposeScope();
        var inputs = Inputs(name, a, b, c);
        if (bfloat16)
        {
            inputs = [.. inputs.Select(input => input.to_type(torch.bfloat16).to_type(torch.float32))];
        }

        var found = Results(name, [.. inputs.Select(input => input.to_type(bfloat16 ? torch.bfloat16 : torch.float32))], b);
        var expected = Results(name, [.. inputs.Select(input => input.to_type(torch.float64))], b);
        var worst = (Off: 0.0, What: "");
        for (var i = 0; i < expected.Count; i++)
        {
            // A result that is zero but for rounding, such as a gradient through a softmax of one number, has no size of its own.
            var size = Math.Max(expected[i].abs().max().item<double>(), 1e-1);
            var off = (expected[i] - found[i].to_type(torch.float64)).abs().max().item<double>() / size;
            if (!(off <= worst.Off))
            {
                worst = (double.IsFinite(off) ? off : double.MaxValue, i == 0 ? "output" : $"gradient of input {i - 1}");
            }
        }

        return worst;
    }

    private static torch.Tensor[] Inputs(string name, int a, int b, int c) => name switch
    {
        "linear" => [Random(1, a, b), Random(2, c, b), Random(3, c)],
        "bmm" => [Random(1, 3, a, b), Random(2, 3, b, c)],
        "bmm-transposed" => [Random(1, 3, a, b), Random(2, 3, c, b)],
        "attention" => [Random(1, 2, 1, 2, a, b), Random(2, 2, 1, a, b), Random(3, 2, 1, a, b)],
        "embedding" => [Random(1, a, c)],
        "group-norm" => [Random(1, 3, a, b, c), Random(2, a), Random(3, a)],
        "max-pool" => [Random(1, 3, a, b + 1, c + 1)],
        "layer-norm" => [Random(1, a, b, c), Random(2, c), Random(3, c)],
        "rms-norm" => [Random(1, a, b, c), Random(2, c)],
        _ => [Random(1, a * c, b)],
    };

    private static torch.Tensor Apply(string name, torch.Tensor[] x, int b) => name switch
    {
        "linear" => functional.linear(x[0], x[1], x[2]),
        "bmm" => torch.bmm(x[0], x[1]),
        "bmm-transposed" => torch.bmm(x[0], x[1].transpose(1, 2)),
        "attention" => Attention(x[0], x[1], x[2]),
        "embedding" => x[0].index_select(0, torch.arange(3 * b).mul(7).remainder(x[0].shape[0])),
        "softmax" => x[0].softmax(-1),
        "log-softmax" => x[0].log_softmax(-1),
        "layer-norm" => functional.layer_norm(x[0], [x[0].shape[^1]], x[1], x[2], NormLayer.Epsilon),
        "rms-norm" => x[0] * (x[0].square().mean([-1L], keepdim: true) + 1e-5).rsqrt() * x[1],
        "group-norm" => functional.group_norm(x[0], 1, x[1], x[2], NormLayer.Epsilon),
        "cross-entropy" => functional.cross_entropy(x[0], torch.arange(x[0].shape[0]).mul(5).remainder(b)),
        "max-pool" => functional.max_pool2d(x[0], 2),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown operation."),
    };

    // As a decoder writes it, causal.
    private static torch.Tensor Attention(torch.Tensor q_NKGTD, torch.Tensor k_NKTD, torch.Tensor v_NKTD)
    {
        var (n, k, g, t, d) = (q_NKGTD.shape[0], q_NKGTD.shape[1], q_NKGTD.shape[2], q_NKGTD.shape[3], q_NKGTD.shape[4]);
        var scores = torch.bmm((q_NKGTD / Math.Sqrt(d)).reshape(n * k, g * t, d), k_NKTD.reshape(n * k, t, d).transpose(1, 2));
        var mask = torch.ones(t, t).tril().log().to_type(scores.dtype);
        scores = (scores.view(n, k, g, t, t) + mask).view(n * k, g * t, t);
        return torch.bmm(scores.softmax(-1), v_NKTD.reshape(n * k, t, d)).view(n, k, g, t, d);
    }

    private static List<torch.Tensor> Results(string name, torch.Tensor[] inputs, int b)
    {
        torch.Tensor[] leaves = [.. inputs.Select(input => input.detach().requires_grad_())];
        var y = Apply(name, leaves, b);
        y.backward([y.dim() == 0 ? torch.ones([], y.dtype) : Random(9, y.shape).to_type(torch.bfloat16).to_type(y.dtype)]);
        return [y.detach(), .. leaves.Select(leaf => leaf.grad!)];
    }

    private static torch.Tensor Random(int seed, params long[] shape) =>
        torch.tensor(Numbers(checked((int)shape.Aggregate(1L, (x, y) => x * y)), seed)).view(shape);

    private static float[] Numbers(int count, int seed)
    {
        var numbers = new float[count];
        new SeededGenerator(Seeds.Derive((ulong)seed, "odd shapes", count)).FillUniform(numbers, 1);
        return numbers;
    }
}
