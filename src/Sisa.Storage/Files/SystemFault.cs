using System.ComponentModel;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Sisa.Storage.Manifest;

namespace Sisa.Storage.Files;

/// <summary>Why the system refused something, and what helps against it.</summary>
public static class SystemFault
{
    private const string FailingDevice = "The device fails: read the system's log, and replace the device if the fault persists";

    // Numbers of Linux (errno.h); .NET keeps them in HResult where it has no exception of its own.
    private const int DeviceFailed = 5;
    private const int TooManyInSystem = 23;
    private const int TooManyInProcess = 24;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int ReadOnlyFileSystem = 30;

    /// <summary>The reason in the project's words, as the second half of a sentence without its full stop.</summary>
    /// <param name="cause">The system's exception.</param>
    public static string Reason(Exception cause) => cause switch
    {
        Win32Exception system => PlainReason.OfNumber(system.NativeErrorCode),
        _ when cause.GetType().FullName == "Microsoft.Data.Sqlite.SqliteException" => ReasonOfDatabase(cause),
        _ => PlainReason.Of(cause),
    };

    /// <summary>The remedy, as the second half of a hint; <see langword="null"/> if the cause suggests none.</summary>
    /// <param name="cause">The system's exception.</param>
    public static string? Remedy(Exception cause) => cause switch
    {
        DirectoryNotFoundException => "A folder on the way is missing: restore it, from a backup if it held anything",
        FileNotFoundException => "The file is missing: restore it from a backup",
        _ when cause.GetType().FullName == "Microsoft.Data.Sqlite.SqliteException" => OfDatabase(cause),
        UnauthorizedAccessException => "Correct the permissions",
        _ => Number(cause) switch
        {
            TooManyInSystem or TooManyInProcess => "Too many files are open at once: raise the limit ('ulimit -n')",
            NoSpace or QuotaExceeded => "Free space",
            DeviceFailed => FailingDevice,
            ReadOnlyFileSystem => "The file system can only be read: mount it for writing",
            _ => null,
        },
    };

    // Apart, so that nothing is loaded for it where nothing can be loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string? OfDatabase(Exception cause) => SqliteCode.Of((SqliteException)cause) switch
    {
        SqliteCode.ReadOnly => "Correct the permissions of the file and of its folder",
        SqliteCode.Full => "Free space",
        SqliteCode.DeviceFailed => FailingDevice,
        _ => null,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string ReasonOfDatabase(Exception cause) => SqliteReason.Of((SqliteException)cause);

    private static int Number(Exception cause) => cause is Win32Exception system ? system.NativeErrorCode : cause is IOException ? cause.HResult : 0;
}
