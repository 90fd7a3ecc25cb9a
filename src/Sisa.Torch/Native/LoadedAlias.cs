using System.Runtime.InteropServices;

namespace Sisa.Torch.Native;

/// <summary>Makes the dynamic linker answer a request for a bundled library with one that is already loaded.</summary>
/// <remarks>
/// TorchSharp's static constructor loads <c>torch_cpu</c> by name, and the runtime looks for a library beside the program first. Where the
/// program carries a libtorch of its own, that puts a second libtorch into the process, which aborts at once (both register the same
/// kernels). glibc answers dlopen with a library in hand if the path equals its <c>l_name</c> (link.h: struct link_map, the value
/// that dlopen returns), so the installed library takes the bundled one's path for a name. Linux only; elsewhere a library is
/// known by its file name and nothing needs to be done.
/// </remarks>
internal static class LoadedAlias
{
    // struct link_map begins with l_addr (8 bytes), then char* l_name.
    private const int NameOffset = 8;

    /// <summary>Covers every file of a name on the runtime's search path.</summary>
    /// <param name="handle">Handle of the loaded library.</param>
    /// <param name="fileName">File name of the library.</param>
    public static void Cover(nint handle, string fileName)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory);
        if (searched.Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists) is { } bundled)
        {
            // Never freed: the linker keeps the pointer for the life of the process.
            Marshal.WriteIntPtr(handle, NameOffset, Marshal.StringToCoTaskMemUTF8(bundled));
        }
    }
}
