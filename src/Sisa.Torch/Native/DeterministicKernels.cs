namespace Sisa.Torch.Native;

/// <summary>Switches of at::Context that TorchSharp does not offer; they matter on CUDA.</summary>
/// <remarks>The CPU with a fixed number of threads needs none of them. On CUDA an operation without a deterministic kernel then
/// throws instead of giving bits that the next run would not repeat.</remarks>
internal static unsafe class DeterministicKernels
{
    /// <summary>Deterministic algorithms or an error; no autotuning; no TensorFloat-32.</summary>
    /// <param name="libraries">The loaded libtorch.</param>
    public static void Require(NativeLibraries libraries)
    {
        var context = ((delegate* unmanaged<void*>)libraries.Export("_ZN2at13globalContextEv"))();
        ((delegate* unmanaged<void*, byte, byte, void>)libraries.Export("_ZN2at7Context26setDeterministicAlgorithmsEbb"))(context, 1, 0);
        Set("_ZN2at7Context21setDeterministicCuDNNEb", true);
        Set("_ZN2at7Context17setBenchmarkCuDNNEb", false);
        Set("_ZN2at7Context18setAllowTF32CuBLASEb", false);
        Set("_ZN2at7Context17setAllowTF32CuDNNEb", false);

        // Deterministic mode would fill every fresh buffer; none here is read before it is written.
        Set("_ZN2at7Context39setDeterministicFillUninitializedMemoryEb", false);

        void Set(string symbol, bool value) =>
            ((delegate* unmanaged<void*, byte, void>)libraries.Export(symbol))(context, value ? (byte)1 : (byte)0);
    }
}
