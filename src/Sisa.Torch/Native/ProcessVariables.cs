using System.Runtime.InteropServices;

namespace Sisa.Torch.Native;

/// <summary>Environment variables as native libraries see them.</summary>
/// <remarks><see cref="Environment.SetEnvironmentVariable(string, string?)"/> changes the runtime's copy only; what libtorch, MKL, oneDNN
/// and OpenMP read at their first use is the C library's, which these calls change.</remarks>
internal static partial class ProcessVariables
{
    /// <summary>Sets a variable, or removes it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value, or <see langword="null"/> to remove it.</param>
    public static void Set(string name, string? value)
    {
        Environment.SetEnvironmentVariable(name, value);
        if (OperatingSystem.IsWindows())
        {
            _ = PutWindows(name, value ?? string.Empty);
        }
        else if (value is null)
        {
            _ = Unset(name);
        }
        else
        {
            _ = SetUnix(name, value, 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetUnix(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unset(string name);

    [LibraryImport("ucrtbase", EntryPoint = "_wputenv_s", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int PutWindows(string name, string value);
}
