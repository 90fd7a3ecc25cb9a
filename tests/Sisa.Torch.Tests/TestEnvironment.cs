using System.Runtime.CompilerServices;
using Sisa.Torch.Native;
using Sisa.Training;

namespace Sisa.Torch.Tests;

/// <summary>Pins this process before any test touches libtorch.</summary>
internal static class TestEnvironment
{
    /// <summary>Profile of every test here: portable, whose bits other machines share, or what SISA_TEST_NUMERICS says.</summary>
    public static NumericProfile Numerics { get; } =
        Environment.GetEnvironmentVariable("SISA_TEST_NUMERICS") == "native" ? NumericProfile.Native : NumericProfile.Portable;

    // The tests share one process; whichever ran first would otherwise decide.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Pin() => NativeRuntime.Start(TestRecipes.Mlp());
}
