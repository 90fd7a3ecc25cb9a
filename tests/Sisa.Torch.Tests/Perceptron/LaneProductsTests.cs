using Sisa.Sharding;
using Sisa.Torch.Perceptron;

namespace Sisa.Torch.Tests.Perceptron;

/// <summary>Every product against loops of scalars, bit by bit, for shapes that fill vectors and for those that do not.</summary>
public sealed class LaneProductsTests
{
    private const int Lanes = LaneProducts.Count;

    public static TheoryData<int, int> Shapes()
    {
        var shapes = new TheoryData<int, int>();
        foreach (var inputs in new[] { 1, 7, 8, 16, 31, 32, 33, 50, 70 })
        {
            foreach (var outputs in new[] { 1, 3, 4, 5, 8, 9, 16, 21 })
            {
                shapes.Add(inputs, outputs);
            }
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_adds_the_inputs_one_after_another_to_the_bias(int inputs, int outputs)
    {
        var (weights, bias, x) = (Numbers(inputs * outputs, 1), Numbers(outputs, 2), Numbers(inputs * Lanes, 3));
        var actual = new float[outputs * Lanes];
        LaneProducts.Forward(weights, bias, x, actual);

        Each(outputs, (o, lane) =>
        {
            var sum = bias[o];
            for (var i = 0; i < inputs; i++)
            {
                sum = MathF.FusedMultiplyAdd(weights[(o * inputs) + i], x[(i * Lanes) + lane], sum);
            }

            Assert.Equal(sum, actual[(o * Lanes) + lane]);
        });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Backward_adds_the_outputs_one_after_another(int inputs, int outputs)
    {
        var (weights, gradients) = (Numbers(inputs * outputs, 1), Numbers(outputs * Lanes, 2));
        var actual = new float[inputs * Lanes];
        LaneProducts.Backward(weights, gradients, actual);

        Each(inputs, (i, lane) =>
        {
            float sum = 0;
            for (var o = 0; o < outputs; o++)
            {
                sum = MathF.FusedMultiplyAdd(weights[(o * inputs) + i], gradients[(o * Lanes) + lane], sum);
            }

            Assert.Equal(sum, actual[(i * Lanes) + lane]);
        });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Accumulate_adds_the_items_one_after_another_and_no_lane_beyond_them(int inputs, int outputs)
    {
        const float Beta = 0.75f;
        const float Alpha = -0.3f;
        foreach (var count in new[] { 1, 5, Lanes })
        {
            var (before, gradients) = (Numbers(inputs * outputs, 1), Numbers(outputs * Lanes, 2));
            var stride = LaneRows.Stride(inputs);
            var items = Numbers(stride * Lanes, 3);
            var actual = before.ToArray();
            LaneProducts.Accumulate(actual, gradients, items, stride, count, Beta, Alpha);

            for (var o = 0; o < outputs; o++)
            {
                for (var i = 0; i < inputs; i++)
                {
                    float sum = 0;
                    for (var item = 0; item < count; item++)
                    {
                        sum = MathF.FusedMultiplyAdd(gradients[(o * Lanes) + item], items[(item * stride) + i], sum);
                    }

                    Assert.Equal(MathF.FusedMultiplyAdd(Alpha, sum, Beta * before[(o * inputs) + i]), actual[(o * inputs) + i]);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(15)]
    [InlineData(18)]
    public void Rows_become_lanes_and_lanes_rows(int width)
    {
        var stride = LaneRows.Stride(width);
        var rows = Numbers(stride * Lanes, 1);
        var lanes = new float[width * Lanes];
        LaneRows.ToLanes(rows, width, lanes);
        var back = new float[rows.Length];
        LaneRows.ToRows(lanes, width, back);

        Each(width, (i, lane) =>
        {
            Assert.Equal(rows[(lane * stride) + i], lanes[(i * Lanes) + lane]);
            Assert.Equal(rows[(lane * stride) + i], back[(lane * stride) + i]);
        });
        Assert.Equal(width * Lanes, back.Count(value => value != 0));
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(7, 1)]
    [InlineData(21, 9)]
    public void Cross_entropy_is_softmax_less_one_hot_for_each_item(int classes, int count)
    {
        var logits = Numbers(classes * Lanes, 4);
        var labels = Enumerable.Range(0, count).Select(i => (i * 5) % classes).ToArray();
        var gradients = logits.ToArray();
        var loss = LaneLoss.CrossEntropy(gradients, labels);
        double expected = 0;
        for (var item = 0; item < count; item++)
        {
            var sum = Enumerable.Range(0, classes).Sum(c => Math.Exp(logits[(c * Lanes) + item]));
            expected += Math.Log(sum) - logits[(labels[item] * Lanes) + item];
            for (var c = 0; c < classes; c++)
            {
                Assert.Equal((Math.Exp(logits[(c * Lanes) + item]) / sum) - (c == labels[item] ? 1 : 0), gradients[(c * Lanes) + item], 1e-6);
            }
        }

        Assert.Equal(expected, loss, 1e-5);
    }

    [Fact]
    public void A_bias_gets_the_sum_over_the_items_that_are_there()
    {
        var gradients = Numbers(3 * Lanes, 5);
        float[] bias = [1, 2, 3];
        LaneLoss.AccumulateBias(bias, gradients, 4, 0.5f, 2);

        for (var o = 0; o < 3; o++)
        {
            Assert.Equal((0.5f * (o + 1)) + (2 * gradients.Skip(o * Lanes).Take(4).Sum()), bias[o], 1e-5f);
        }
    }

    private static void Each(int width, Action<int, int> check)
    {
        for (var i = 0; i < width; i++)
        {
            for (var lane = 0; lane < Lanes; lane++)
            {
                check(i, lane);
            }
        }
    }

    private static float[] Numbers(int count, int seed)
    {
        var numbers = new float[count];
        new SeededGenerator(Seeds.Derive((ulong)seed, "lanes", count)).FillUniform(numbers, 2);
        return numbers;
    }
}
