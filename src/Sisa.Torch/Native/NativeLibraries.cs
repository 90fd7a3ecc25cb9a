using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Sisa.Torch.Native;

/// <summary>Loads libtorch, the bundled one or that of an installed PyTorch, and hands out its exports.</summary>
internal sealed class NativeLibraries
{
    // In the order of their dependencies; those that a CPU build lacks are skipped.
    private static readonly string[] InstalledNames =
    [
        "torch_global_deps", "c10", "torch_cpu", "c10_cuda", "torch_cuda_linalg", "torch_cuda", "torch",
    ];

    private readonly nint _cpu;

    private NativeLibraries(nint cpu, string? folder)
    {
        _cpu = cpu;
        LibtorchVersion = folder is null ? AbiVersion() : TorchVersion.Labelled(TorchVersion.Stated(folder) ?? AbiVersion());
    }

    /// <summary>Version of the libtorch that was loaded; that of an installed PyTorch always has a label, as in <c>2.10.0+cu128</c>.</summary>
    public string LibtorchVersion { get; }

    /// <summary>Loads everything, and lets TorchSharp find it loaded.</summary>
    /// <exception cref="EnvironmentException">A library is missing, does not load, or is of another version.</exception>
    public static NativeLibraries Load()
    {
        var folder = TorchVersion.Folder;
        if (folder is not null)
        {
            CheckFolder(folder);
        }

        try
        {
            var cpu = folder is null ? NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, null) : LoadInstalled(folder);
            _ = NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
            return new NativeLibraries(cpu, folder);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or NotSupportedException or TypeInitializationException or EntryPointNotFoundException)
        {
            throw NotLoadable(folder, e);
        }
    }

    /// <summary>The address of a function that libtorch exports.</summary>
    /// <param name="symbol">Its name, mangled where it is C++.</param>
    /// <exception cref="EnvironmentException">This libtorch has no such function.</exception>
    public nint Export(string symbol) =>
        NativeLibrary.TryGetExport(_cpu, symbol, out var address)
            ? address
            : throw new EnvironmentException(
                $"libtorch {LibtorchVersion} does not export '{symbol}', unlike libtorch {TorchVersion.Wanted}.",
                $"Use libtorch {TorchVersion.Wanted}: unset {TorchVersion.FolderVariable}, or let it name another installation.");

    /// <summary>Checks an installed PyTorch before anything of it is loaded.</summary>
    /// <param name="folder">Its <c>lib</c> folder.</param>
    /// <exception cref="EnvironmentException">It holds no libtorch, or states another version.</exception>
    internal static void CheckFolder(string folder)
    {
        if (!File.Exists(Path.Combine(folder, FileName("torch_cpu"))))
        {
            throw new EnvironmentException(
                $"{TorchVersion.FolderVariable} names {folder}, which holds no {FileName("torch_cpu")}.",
                "Name the 'lib' folder inside an installed torch package: python -c \"import torch, os; print(os.path.join(torch.__path__[0], 'lib'))\".");
        }

        if (TorchVersion.Stated(folder) is { } found && !TorchVersion.Fits(found))
        {
            throw new EnvironmentException(
                $"{TorchVersion.FolderVariable} names libtorch {found} in {folder}; TorchSharp {TorchVersion.TorchSharp} needs {TorchVersion.Wanted}.",
                $"Install PyTorch {TorchVersion.Wanted} (pip install 'torch=={TorchVersion.Wanted}.*') and name its 'lib' folder.");
        }
    }

    private static nint LoadInstalled(string folder)
    {
        nint cpu = 0;
        foreach (var name in InstalledNames)
        {
            var path = Path.Combine(folder, FileName(name));
            if (File.Exists(path))
            {
                var handle = NativeLibrary.Load(path);
                LoadedAlias.Cover(handle, FileName(name));
                cpu = name == "torch_cpu" ? handle : cpu;
            }
        }

        return cpu;
    }

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    private static EnvironmentException NotLoadable(string? folder, Exception cause)
    {
        // The dynamic linker's message lists every place that it tried; the reason is seldom in the first line.
        var lines = cause.GetBaseException().Message.Split('\n', StringSplitOptions.TrimEntries);
        var reason = lines.FirstOrDefault(l => l.Contains("GLIBC", StringComparison.Ordinal) || l.Contains("undefined symbol", StringComparison.Ordinal)) ?? lines[0];
        return new EnvironmentException(
            $"libtorch {TorchVersion.Wanted} ({(folder is null ? "the one that comes with this program" : folder)}) cannot be loaded: {reason}",
            folder is null
                ? $"Supported systems are Linux x64 with glibc 2.34 or newer. Reinstall this program, or let {TorchVersion.FolderVariable} name the 'lib' folder of an installed PyTorch {TorchVersion.Wanted}."
                : $"Check that {TorchVersion.FolderVariable} names the 'lib' folder of a complete PyTorch {TorchVersion.Wanted}, or unset it to use the libtorch that comes with this program.",
            cause);
    }

    private unsafe string AbiVersion()
    {
        // include/torch/csrc/inductor/aoti_torch/c/shim.h: major, minor and patch in the three highest bytes.
        var version = ((delegate* unmanaged<ulong>)Export("aoti_torch_abi_version"))();
        return string.Create(CultureInfo.InvariantCulture, $"{version >> 56}.{(version >> 48) & 255}.{(version >> 40) & 255}");
    }
}
