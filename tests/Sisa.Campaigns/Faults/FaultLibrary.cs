using System.Diagnostics;
using System.Security.Cryptography;

namespace Sisa.Campaigns.Faults;

/// <summary>The library that stands between a program and its files (<c>native/fault.c</c>), compiled where it is used.</summary>
public static class FaultLibrary
{
    private static readonly Lazy<(string? Path, string? Reason)> Built = new(Build);

    /// <summary>Why it cannot be used here; <see langword="null"/> where it can.</summary>
    public static string? Unavailable => Built.Value.Reason;

    /// <summary>The compiled library.</summary>
    public static string Path => Built.Value.Path ?? throw new InvalidOperationException(Unavailable);

    // Named by its source, so that runs share it and none uses an old one.
    private static (string? Path, string? Reason) Build()
    {
        if (!OperatingSystem.IsLinux())
        {
            return (null, "Faults are injected with LD_PRELOAD, which this system does not have.");
        }

        var source = System.IO.Path.Combine(AppContext.BaseDirectory, "native", "fault.c");
        var path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"sisa-fault-{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(source)))[..16]}.so");
        if (File.Exists(path))
        {
            return (path, null);
        }

        var unfinished = $"{path}.{Environment.ProcessId}";
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("cc", ["-O2", "-shared", "-fPIC", "-o", unfinished, source, "-ldl"]) { UseShellExecute = false, RedirectStandardError = true })!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0)
            {
                return (null, $"The C compiler refuses {source}: {errors}");
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (null, "There is no C compiler ('cc'), with which the library that injects faults is made.");
        }

        File.Move(unfinished, path, overwrite: true);
        return (path, null);
    }
}
