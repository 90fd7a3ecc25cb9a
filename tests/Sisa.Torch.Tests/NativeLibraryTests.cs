using Sisa.Torch.Native;
using Sisa.Training;
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

    [Fact]
    public void The_libtorch_that_was_loaded_is_the_one_that_is_wanted() =>
        Assert.True(TorchVersion.Fits(NativeRuntime.Start(TestRecipes.Mlp()).LibtorchVersion));

    [Fact]
    public void One_thread_computes() => Assert.Equal(1, torch.get_num_threads());

    [Fact]
    public void A_recipe_with_other_pins_is_refused_in_the_same_process()
    {
        var recipe = TestRecipes.Mlp();
        var other = recipe.Numerics == NumericProfile.Native ? NumericProfile.Portable : NumericProfile.Native;

        Assert.Throws<InvalidOperationException>(() => NativeRuntime.Start(recipe with { Numerics = other }));
        Assert.Throws<InvalidOperationException>(() => NativeRuntime.Start(recipe with { Training = recipe.Training with { Threads = 2 } }));
    }

    [Fact]
    public void A_device_that_is_absent_is_an_error()
    {
        var recipe = TestRecipes.Mlp();
        var error = Assert.Throws<EnvironmentException>(
            () => NativeRuntime.Start(recipe with { Training = recipe.Training with { Device = "cuda:97" } }));

        Assert.Contains("cuda:97", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void The_portable_fingerprint_names_no_processor()
    {
        var recipe = TestRecipes.Model("cnn");
        var fingerprint = new TorchShardTrainer().Environment(recipe);

        Assert.Equal(recipe.Numerics == NumericProfile.Portable, fingerprint.Cpu is null);
        Assert.Equal("cpu", fingerprint.Device);
        Assert.Equal("0.107.0", fingerprint.TorchSharp);
        Assert.StartsWith("2.10.", fingerprint.Libtorch, StringComparison.Ordinal);
    }

    [Fact]
    public void An_installed_pytorch_without_a_label_is_not_taken_for_the_libtorch_of_this_program()
    {
        Assert.Equal("2.10.0+installed", TorchVersion.Labelled("2.10.0"));
        Assert.Equal("2.10.0+cu128", TorchVersion.Labelled("2.10.0+cu128"));
        Assert.True(TorchVersion.Fits(TorchVersion.Labelled("2.10.0")));
    }

    [Theory]
    [InlineData("ONEDNN_DEFAULT_FPMATH_MODE")]
    [InlineData("DNNL_DEFAULT_FPMATH_MODE")]
    [InlineData("ONEDNN_CPU_ISA_HINTS")]
    [InlineData("DNNL_CPU_ISA_HINTS")]
    [InlineData("DNNL_MAX_CPU_ISA")]
    [InlineData("MKL_ENABLE_INSTRUCTIONS")]
    [InlineData("TORCH_MKLDNN_MATMUL_MIN_DIM")]
    [InlineData("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE")]
    public void Variables_that_change_kernels_are_removed_whatever_the_profile(string name)
    {
        Assert.Contains((name, (string?)null), new NumericPins(NumericProfile.Native, 1).Variables());
        Assert.Contains((name, (string?)null), new NumericPins(NumericProfile.Portable, 1).Variables());
    }

    [Fact]
    public void An_installed_pytorch_of_another_version_is_refused_by_name()
    {
        var package = Directory.CreateTempSubdirectory("sisa-libtorch-").FullName;
        try
        {
            var lib = Directory.CreateDirectory(Path.Combine(package, "lib")).FullName;
            Assert.Contains("libtorch_cpu", Assert.Throws<EnvironmentException>(() => NativeLibraries.CheckFolder(lib)).Message, StringComparison.Ordinal);

            File.WriteAllText(Path.Combine(lib, "libtorch_cpu.so"), string.Empty);
            File.WriteAllText(Path.Combine(package, "version.py"), "from typing import Optional\n__version__ = '2.11.0+cu130'\ncuda = '13.0'\n");
            var error = Assert.Throws<EnvironmentException>(() => NativeLibraries.CheckFolder(lib));
            Assert.Contains("2.11.0+cu130", error.Message, StringComparison.Ordinal);
            Assert.Contains("needs 2.10", error.Message, StringComparison.Ordinal);

            File.WriteAllText(Path.Combine(package, "version.py"), "__version__ = '2.10.1+cpu'\n");
            NativeLibraries.CheckFolder(lib);
        }
        finally
        {
            Directory.Delete(package, recursive: true);
        }
    }
}
