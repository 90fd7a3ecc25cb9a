using System.Runtime.Intrinsics;
using Sisa.Torch.Perceptron;

namespace Sisa.Torch.Tests.Perceptron;

public sealed class VectorMathTests
{
    [Fact]
    public void Exp_and_tanh_are_right_to_two_units_in_the_last_place()
    {
        for (var x = -20f; x < 20f; x += 0.00137f)
        {
            AssertNear(Math.Exp(x), VectorMath.Exp(Vector256.Create(x))[3]);
            AssertNear(Math.Tanh(x), VectorMath.Tanh(Vector256.Create(x))[5]);
        }
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0, -1)]
    [InlineData(float.PositiveInfinity, 8e37, 1)]
    [InlineData(0f, 1, 0)]
    [InlineData(-1000f, 0, -1)]
    public void The_ends_of_the_line_are_finite(float x, double exp, double tanh)
    {
        Assert.Equal(exp, VectorMath.Exp(Vector256.Create(x))[0], Math.Max(exp * 0.2, 1e-37));
        Assert.Equal(tanh, VectorMath.Tanh(Vector256.Create(x))[0], 1e-7);
    }

    private static void AssertNear(double expected, float actual)
    {
        var size = (float)Math.Abs(expected);
        Assert.True(Math.Abs(expected - actual) <= 2 * (MathF.BitIncrement(size) - size), $"{expected:R} and {actual:R}");
    }
}
