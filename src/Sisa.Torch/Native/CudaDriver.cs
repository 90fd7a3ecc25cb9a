using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Sisa.Torch.Native;

/// <summary>Name of a GPU and version of its driver, from the CUDA driver library.</summary>
internal static unsafe class CudaDriver
{
    private const string Library = "libcuda.so.1";

    /// <summary>Describes one device.</summary>
    /// <param name="index">Number of the device.</param>
    /// <returns>Its name, and the driver's version with the CUDA version that it offers.</returns>
    /// <exception cref="EnvironmentException">The driver does not answer.</exception>
    public static (string Name, string Driver) Describe(int index)
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : Library, out var handle))
        {
            throw new EnvironmentException($"The CUDA driver library {Library} is missing.", "Install the NVIDIA driver, or declare 'device: cpu' in a new store.");
        }

        int device, version;
        var name = stackalloc byte[256];
        var failed = ((delegate* unmanaged<uint, int>)NativeLibrary.GetExport(handle, "cuInit"))(0);
        failed |= ((delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(handle, "cuDeviceGet"))(&device, index);
        failed |= failed != 0 ? failed : ((delegate* unmanaged<byte*, int, int, int>)NativeLibrary.GetExport(handle, "cuDeviceGetName"))(name, 256, device);
        failed |= ((delegate* unmanaged<int*, int>)NativeLibrary.GetExport(handle, "cuDriverGetVersion"))(&version);
        if (failed != 0)
        {
            throw new EnvironmentException($"The CUDA driver does not describe device {index} (error {failed}).", "Check 'nvidia-smi'.");
        }

        var cuda = string.Create(CultureInfo.InvariantCulture, $"CUDA {version / 1000}.{version % 1000 / 10}");
        return (Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), $"{ModuleVersion()}{cuda}");
    }

    /// <summary>Whether a device computes with bfloat16: from compute capability 8.0 on.</summary>
    /// <param name="index">Number of the device, which <see cref="Describe"/> has described.</param>
    public static bool HasBFloat16(int index)
    {
        const int ComputeCapabilityMajor = 75, First = 8;
        var handle = NativeLibrary.Load(OperatingSystem.IsWindows() ? "nvcuda.dll" : Library);
        int device, major;
        return ((delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(handle, "cuDeviceGet"))(&device, index) == 0
            && ((delegate* unmanaged<int*, int, int, int>)NativeLibrary.GetExport(handle, "cuDeviceGetAttribute"))(&major, ComputeCapabilityMajor, device) == 0
            && major >= First;
    }

    private static string ModuleVersion()
    {
        const string Module = "/sys/module/nvidia/version";
        return File.Exists(Module) ? File.ReadAllText(Module).Trim() + ", " : string.Empty;
    }
}
