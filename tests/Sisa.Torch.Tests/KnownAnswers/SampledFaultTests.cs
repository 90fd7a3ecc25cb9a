using Sisa.Torch.KnownAnswers;
using TorchSharp;

namespace Sisa.Torch.Tests.KnownAnswers;

/// <summary>Which faults a sample of an operation's results sees. A fault lies in one part of one result, and everything else is right.</summary>
public sealed class SampledFaultTests
{
    private const int Output = KnownNumbers.Output;
    private const int Gradient = 0;

    // Outputs are no multiple of a vector's width, and one side is longer than what is looked at as a whole.
    private static readonly KnownOperation Linear = new LinearOperation(300, 52, 44);
    private static readonly KnownOperation Convolution = new ConvolutionOperation(7, 12, 20, 3, 9, 8);
    private static readonly KnownOperation Batched = new BatchedProductOperation(9, 14, 12, 26, Transposed: true);

    [Fact]
    public void Operations_without_a_fault_pass() =>
        Assert.All([Linear, Convolution, Batched], operation => KnownAnswerCheck.Check(operation, torch.CPU));

    [Theory]
    [InlineData(40, 4)]
    [InlineData(43, 1)]
    public void A_last_block_of_columns_that_is_wrong_is_seen(long from, long count)
    {
        Sees(Linear, Output, new Part(1, from, count));
        Sees(Batched, Output, new Part(2, from - 18, count));
        Sees(Linear, Gradient, new Part(1, from + 8, count));
        Sees(Linear, 1, new Part(1, from + 8, count));
        Sees(Batched, Gradient, new Part(2, from - 32, count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(268)]
    [InlineData(299)]
    public void A_row_that_is_wrong_is_seen(long row)
    {
        Sees(Linear, Output, new Part(0, row, 1));
        Sees(Linear, Gradient, new Part(0, row, 1));
    }

    [Fact]
    public void A_block_of_rows_in_the_middle_of_a_long_side_that_is_wrong_is_seen()
    {
        Sees(Linear, Output, new Part(0, 128, 16));
        Sees(Linear, Gradient, new Part(0, 176, 16));
    }

    [Theory]
    [InlineData(16, 4)]
    [InlineData(19, 1)]
    public void A_tail_of_channels_that_is_wrong_is_seen(long from, long count)
    {
        Sees(Convolution, Output, new Part(1, from, count));
        Sees(Convolution, Gradient, new Part(1, from - 8, count));
        Sees(Convolution, 1, new Part(0, from, count));
        Sees(Convolution, 1, new Part(1, from - 8, count));
        Sees(Convolution, 2, new Part(0, from, count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void An_item_that_is_wrong_is_seen(long item)
    {
        Sees(Convolution, Output, new Part(0, item, 1));
        Sees(Convolution, Gradient, new Part(0, item, 1));
        Sees(Batched, Output, new Part(0, item, 1));
        Sees(Batched, Gradient, new Part(0, item, 1));
        Sees(Batched, 1, new Part(0, item, 1));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 8)]
    [InlineData(3, 0)]
    [InlineData(3, 7)]
    public void An_edge_of_an_image_that_is_wrong_is_seen(int side, long at)
    {
        Sees(Convolution, Output, new Part(side, at, 1));
        Sees(Convolution, Gradient, new Part(side, at, 1));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public void A_position_of_a_kernel_whose_gradients_are_wrong_is_seen(long row, long column) =>
        Sees(Convolution, 1, new Part(2, row, 1), new Part(3, column, 1));

    [Theory]
    [InlineData(10, 10, Output)]
    [InlineData(20, 16, Output)]
    [InlineData(10, 10, Gradient)]
    [InlineData(16, 20, Gradient)]
    public void A_kernel_that_drops_channels_which_fill_no_vector_is_seen(long inputs, long outputs, int result)
    {
        var convolution = new ConvolutionOperation(6, inputs, outputs, 3, 9, 8);
        Assert.Throws<EnvironmentException>(() => KnownAnswerCheck.Check(new DroppedChannels(convolution, result == Output ? 0 : 1), torch.CPU));
    }

    private static void Sees(KnownOperation operation, int result, params Part[] parts) =>
        Assert.Throws<EnvironmentException>(() => KnownAnswerCheck.Check(new Faulty(operation, result, parts), torch.CPU));

    /// <summary>Part of a result: some positions of one of its sides.</summary>
    private sealed record Part(int Side, long From, long Count);

    /// <summary>An operation one result of which is wrong in the places that lie in all of some parts.</summary>
    private sealed record Faulty(KnownOperation Right, int Result, Part[] Parts) : KnownOperation
    {
        public override string Description => Right.Description;

        public override long[][] InputShapes => Right.InputShapes;

        public override long[] OutputShape => Right.OutputShape;

        public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs)
        {
            var wrong = torch.zeros(Result == Output ? OutputShape : InputShapes[Result]);
            var part = wrong;
            foreach (var (side, from, count) in Parts)
            {
                part = part.narrow(side, from, count);
            }

            part.fill_(1f);
            if (Result == Output)
            {
                return Right.Compute(inputs) + wrong;
            }

            // What is detached has the same value and no gradient.
            torch.Tensor[] given = [.. inputs];
            given[Result] = inputs[Result].detach() * wrong + inputs[Result] * (torch.ones_like(wrong) - wrong);
            return Right.Compute(given);
        }

        internal override void Compare(KnownQuestion question, KnownNumbers found) => Right.Compare(question, found);
    }

    /// <summary>A convolution that leaves out, forward or on the way back, the channels behind the last whole vector of eight.</summary>
    private sealed record DroppedChannels(ConvolutionOperation Right, int Side) : KnownOperation
    {
        public override string Description => Right.Description;

        public override long[][] InputShapes => Right.InputShapes;

        public override long[] OutputShape => Right.OutputShape;

        public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs)
        {
            var kept = torch.zeros(Side == 0 ? InputShapes[0] : OutputShape);
            kept.narrow(1, 0, kept.shape[1] / 8 * 8).fill_(1f);
            if (Side == 0)
            {
                return Right.Compute([inputs[0] * kept, inputs[1], inputs[2]]);
            }

            // Gradients of the weights are right, those of the input lack the last channels.
            var whole = Right.Compute([inputs[0].detach(), inputs[1], inputs[2]]);
            var backward = Right.Compute([inputs[0], inputs[1].detach().requires_grad_(), inputs[2].detach().requires_grad_()]) * kept;
            return whole + backward - backward.detach();
        }

        internal override void Compare(KnownQuestion question, KnownNumbers found) => Right.Compare(question, found);
    }
}
