using Sisa.Checkpoints;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Native;
using Sisa.Torch.Perceptron;
using TorchSharp;

namespace Sisa.Torch.Tests.KnownAnswers;

public sealed class KnownAnswerTests
{
    [Fact]
    public void A_kernel_whose_output_is_wrong_is_named()
    {
        var convolution = new ConvolutionOperation(4, 3, 10, 3, 7, 6);
        var fault = Assert.Throws<EnvironmentException>(() => KnownAnswerCheck.Check(convolution, torch.CPU, y => y.Times(0.5)));

        Assert.Contains("convolution", fault.Message, StringComparison.Ordinal);
        Assert.Contains(CpuModel.Describe(), fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
    }

    [Fact]
    public void A_kernel_whose_gradients_alone_are_wrong_is_noticed() =>
        Assert.Throws<EnvironmentException>(() => KnownAnswerCheck.Check(new LinearOperation(8, 20, 12), torch.CPU, y => y.detach().Sum(y.Less(y.detach()).Times(1.5))));

    [Fact]
    public void A_perceptron_product_that_is_wrong_is_noticed()
    {
        var layer = LinearOperation.Of(16, 13, 11);
        PerceptronAnswers.Check(layer, PerceptronAnswers.Compute);

        Assert.Throws<EnvironmentException>(() => PerceptronAnswers.Check(layer, (operation, question, answers) =>
        {
            PerceptronAnswers.Compute(operation, question, answers);
            foreach (var answer in answers)
            {
                foreach (ref var number in answer.Span)
                {
                    number += 0.01f;
                }
            }
        }));
    }

    [Fact]
    public void A_processor_that_hides_its_caches_is_told_from_one_that_does_not()
    {
        var whole = new CpuIdentity((leaf, subleaf) => Leaf(leaf, subleaf, hidesCaches: false));
        var hidden = new CpuIdentity((leaf, subleaf) => Leaf(leaf, subleaf, hidesCaches: true));

        Assert.Equal("L1 32768/1, L2 1048576/1", whole.Caches);
        Assert.Equal(CpuIdentity.NoCaches, hidden.Caches);
        Assert.Equal(whole.Features, hidden.Features);
    }

    private static (uint Eax, uint Ebx, uint Ecx, uint Edx) Leaf(uint leaf, uint subleaf, bool hidesCaches) => (leaf, subleaf) switch
    {
        (0, _) => (0x10, 1, 2, 3),
        (0x8000_0000, _) => (0x8000_0020, 1, 2, 3),
        (0x8000_001D, 0) when !hidesCaches => (0x21, (7u << 22) | 63, 63, 0),
        (0x8000_001D, 1) when !hidesCaches => (0x22, (7u << 22) | 63, 63, 0),
        (0x8000_001D, 2) when !hidesCaches => (0x43, (7u << 22) | 63, 2047, 0),
        _ => default,
    };
}
