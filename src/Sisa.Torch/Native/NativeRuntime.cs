using System.Globalization;
using Sisa.Checkpoints;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Native;

/// <summary>libtorch in this process, pinned before it was loaded so that equal fingerprints mean equal bits (rules E3 and E7).</summary>
/// <remarks>One per process: numeric profile and number of threads are fixed by the first <see cref="Start"/>. Thread-safe.</remarks>
public sealed class NativeRuntime
{
    private static readonly Lock Gate = new();
    private static NativeRuntime? s_started;

    private readonly NumericPins _pins;
    private readonly NativeLibraries _libraries;
    private bool _cudaRequired;

    private NativeRuntime(NumericPins pins)
    {
        _pins = pins;
        pins.Apply();
        _libraries = NativeLibraries.Load();
        torch.set_num_threads(pins.Threads);
        torch.set_num_interop_threads(1);
    }

    /// <summary>Version of the libtorch that this process loaded, for messages.</summary>
    internal static string LoadedVersion => s_started?.LibtorchVersion ?? "of an unknown version";

    /// <summary>Version of the libtorch that was loaded.</summary>
    public string LibtorchVersion => _libraries.LibtorchVersion;

    /// <summary>Pins the process, loads libtorch and prepares the recipe's device; later calls only check that they agree.</summary>
    /// <param name="recipe">Device, threads and numeric profile are read.</param>
    /// <exception cref="InvalidOperationException">The process is already pinned to another profile or number of threads, or
    /// libtorch was loaded before it could be pinned.</exception>
    /// <exception cref="EnvironmentException">A library is missing or does not fit, or the device is absent.</exception>
    public static NativeRuntime Start(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var pins = new NumericPins(recipe.Numerics, recipe.Training.Threads);
        lock (Gate)
        {
            if (s_started is null)
            {
                RefuseIfLoaded();
                s_started = new NativeRuntime(pins);
            }

            if (s_started._pins != pins)
            {
                throw new InvalidOperationException(
                    $"This process is pinned to {s_started._pins.Numerics} numerics with {s_started._pins.Threads} threads; a recipe with {pins.Numerics} and {pins.Threads} needs a process of its own.");
            }

            s_started.Prepare(recipe.Training.Device);
            RequirePrecision(recipe.Training);
            return s_started;
        }
    }

    /// <summary>The environment in which a recipe trains here.</summary>
    /// <param name="recipe">A recipe that <see cref="Start"/> accepted.</param>
    public EnvironmentFingerprint Fingerprint(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var onCuda = IsCuda(recipe.Training.Device, out var index);
        var gpu = onCuda ? CudaDriver.Describe(index) : default;

        // The portable profile pins MKL's and libtorch's kernels, whatever the processor; products in bfloat16 are oneDNN's, which decides by itself.
        var anyProcessor = _pins.Numerics == NumericProfile.Portable && recipe.Training.Precision == ComputePrecision.Full;
        return new EnvironmentFingerprint
        {
            Device = onCuda ? "cuda" : "cpu",
            Numerics = _pins.Numerics,
            Threads = _pins.Threads,
            Architecture = EnvironmentFingerprint.ThisArchitecture,
            OperatingSystem = EnvironmentFingerprint.ThisOperatingSystem,
            Cpu = anyProcessor ? null : CpuModel.Describe(),
            CpuFeatures = anyProcessor ? null : CpuIdentity.This?.Features,
            CpuCaches = anyProcessor ? null : CpuIdentity.This?.Caches,
            CpuCapability = _pins.CpuCapability(),
            Libtorch = LibtorchVersion,
            TorchSharp = TorchVersion.TorchSharp,
            Gpu = gpu.Name,
            GpuDriver = gpu.Driver,
            Precision = recipe.Training.Precision,
        };
    }

    /// <summary>The device that a recipe names.</summary>
    /// <param name="recipe">A recipe that <see cref="Start"/> accepted.</param>
    internal static torch.Device Device(Recipe recipe) => torch.device(recipe.Training.Device);

    private static bool IsCuda(string device, out int index)
    {
        index = 0;
        return device == "cuda"
            || (device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index));
    }

    private static void RequirePrecision(TrainingOptions training)
    {
        if (training.Precision == ComputePrecision.BFloat16 && !(IsCuda(training.Device, out var index) ? CudaDriver.HasBFloat16(index) : CpuModel.HasBFloat16()))
        {
            throw new EnvironmentException(
                $"The recipe has 'precision: bfloat16', which '{training.Device}' of this machine does not support.",
                "Declare 'precision: float32' in a new store, or use a processor with AVX512_BF16 or AMX, or a GPU of compute capability 8.0 or higher.");
        }
    }

    // An earlier call of TorchSharp has let libtorch read variables that were not set.
    private static void RefuseIfLoaded()
    {
        const string Maps = "/proc/self/maps";
        if (File.Exists(Maps) && File.ReadLines(Maps).Any(line => line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal)))
        {
            throw new InvalidOperationException("libtorch was loaded before the process was pinned; call NativeRuntime.Start before anything of TorchSharp.");
        }
    }

    private void Prepare(string device)
    {
        if (!IsCuda(device, out var index))
        {
            return;
        }

        var count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (index >= count)
        {
            throw new EnvironmentException(
                $"The recipe has 'device: {device}', but libtorch {LibtorchVersion} finds {count} CUDA devices.",
                $"Let {TorchVersion.FolderVariable} name the 'lib' folder of a PyTorch {TorchVersion.Wanted} with CUDA, check 'nvidia-smi', or declare 'device: cpu' in a new store.");
        }

        if (!_cudaRequired)
        {
            DeterministicKernels.Require(_libraries);
            _cudaRequired = true;
        }
    }
}
