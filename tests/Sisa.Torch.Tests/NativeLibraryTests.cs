using TorchSharp;

namespace Sisa.Torch.Tests;

public sealed class NativeLibraryTests
{
    [Fact]
    public void Libtorch_loads_on_this_system_and_adds()
    {
        using torch.Tensor ones = torch.ones(2, 2);
        using torch.Tensor sum = ones.sum();

        Assert.Equal(4f, sum.ToSingle());
    }
}
