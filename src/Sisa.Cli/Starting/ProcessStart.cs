using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sisa.Cli.Starting;

/// <summary>Checks the environment of the process before anything else: enough files may be open, and its standard streams are its own.</summary>
/// <remarks>
/// Uses the core library alone. The runtime keeps each assembly open that it loads, so that under a low limit ('ulimit -n') any part of the program may be missing, the one that words errors too.
/// A stream that was closed is worse: its number goes to the next file that is opened, which is one of the runtime's own, and the program would read from it, or write into it.
/// Not thread-safe; called once, by the first thread.
/// </remarks>
internal static unsafe partial class ProcessStart
{
    /// <summary>Files that may be open at once, at least: what the largest command needs with some twenty slices, and half as many again.</summary>
    private const ulong FewestFiles = 256;

    private const int OpenFiles = 7;
    private const int GetFlags = 1;
    private const int GetStatus = 3;
    private const int AccessMode = 3;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;

    /// <summary>Looks at limits and streams. Where a stream is closed, the program starts once more in the same process, with one that refuses to be used in its place.</summary>
    /// <returns>An exit code to end with at once, after saying why; <see langword="null"/> to go on.</returns>
    public static int? Check()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        if (GetLimit(OpenFiles, out var files) == 0 && files.Current < FewestFiles)
        {
            Say($"sisa: error: This process may have only {files.Current} files open at once; Sisa needs {FewestFiles}.\nsisa: hint: Raise the limit with 'ulimit -n 1024' in the shell that starts it, or in the settings of the system.\n");
            return (int)ExitCode.Unavailable;
        }

        return IsForeign(0) || IsForeign(1) || IsForeign(2) ? StartAgain() : null;
    }

    /// <summary>The standard stream that the parent process closed; <see langword="null"/> for none that is read or holds data.</summary>
    public static string? ClosedStream => !OperatingSystem.IsLinux() ? null
        : (DescriptorControl(0, GetStatus) & AccessMode) == WriteOnly ? "Standard input"
        : (DescriptorControl(1, GetStatus) & AccessMode) == ReadOnly ? "Standard output"
        : null;

    /// <summary>Reports in fixed words that the program cannot continue, for faults of the part that words errors.</summary>
    /// <param name="fault">The fault; only its type is named.</param>
    /// <returns>The exit code.</returns>
    public static int GiveUp(Exception fault)
    {
        Say($"sisa: error: The program must stop, and the part that would explain the reason cannot be loaded: {fault.GetType()}.\nsisa: hint: Check how many files may be open ('ulimit -n', at least 256), how much memory is free, and whether the installation is complete.\n");
        return (int)ExitCode.Unavailable;
    }

    // What a process inherits is not closed when another program is started in it, or it could not have been inherited; everything that the runtime opens is.
    private static bool IsForeign(int descriptor) => DescriptorControl(descriptor, GetFlags) != 0;

    // In place of what is closed comes a file that cannot be used in that direction, so that reading or writing fails instead of losing data. Messages alone may be lost: whoever closes them wants none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int StartAgain()
    {
        try
        {
            // The same arguments, byte for byte, each ended by a zero.
            var line = File.ReadAllBytes("/proc/self/cmdline");
            var count = 0;
            foreach (var value in line)
            {
                count += value == 0 ? 1 : 0;
            }

            var arguments = new nint[count + 1];
            fixed (byte* first = line, nothing = "/dev/null\0"u8, program = "/proc/self/exe\0"u8)
            {
                for (var (i, at, number) = (0, 0, 0); i < line.Length; i++)
                {
                    if (line[i] == 0)
                    {
                        arguments[number++] = (nint)(first + at);
                        at = i + 1;
                    }
                }

                fixed (nint* vector = arguments)
                {
                    if (Replace(0, nothing, WriteOnly) && Replace(1, nothing, ReadOnly) && Replace(2, nothing, WriteOnly))
                    {
                        // Returns only when it fails.
                        _ = Execute(program, vector);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No process folder: what follows says it.
        }

        Say("sisa: error: A standard stream is closed, and the program cannot start with another in its place.\nsisa: hint: Open it: '</dev/null' reads nothing, '>/dev/null' drops the output.\n");
        return (int)ExitCode.InputOutput;
    }

    private static bool Replace(int descriptor, byte* path, int access)
    {
        if (!IsForeign(descriptor))
        {
            return true;
        }

        var opened = Open(path, access);
        if (opened == descriptor)
        {
            return true;
        }

        return opened >= 0 && Duplicate(opened, descriptor) == descriptor && Close(opened) == 0;
    }

    // Straight to the system: the console may be one of the parts that cannot be loaded.
    private static void Say(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            bytes[i] = text[i] < 128 ? (byte)text[i] : (byte)'?';
        }

        fixed (byte* start = bytes)
        {
            // Where nothing can be said, the exit code says it.
            _ = Write(2, start, (nuint)bytes.Length);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Limit
    {
        public readonly ulong Current;
        public readonly ulong Highest;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int DescriptorControl(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "execv")]
    private static partial int Execute(byte* program, nint* arguments);
}
