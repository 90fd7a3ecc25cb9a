using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Sisa.Bench.Studies;

/// <summary>What the system keeps of files in memory.</summary>
internal static partial class FileCache
{
    private const int DontNeed = 4;

    /// <summary>Makes the system forget files, so that they are read from the disk again. Needs no rights, and disturbs nobody else.</summary>
    /// <param name="paths">Files that nobody writes to and nobody has mapped.</param>
    public static void Forget(params IReadOnlyList<string> paths)
    {
        foreach (var path in paths.Where(File.Exists))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            file.Flush(flushToDisk: true);
            if (Advise((int)file.SafeFileHandle.DangerousGetHandle(), 0, 0, DontNeed) is var error and not 0)
            {
                throw new Win32Exception(error);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int descriptor, long offset, long length, int advice);
}
