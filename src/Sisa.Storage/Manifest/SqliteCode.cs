using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Result codes of SQLite that Sisa distinguishes (https://sqlite.org/rescode.html).</summary>
public static class SqliteCode
{
    /// <summary>The statement or the database is wrong (SQLITE_ERROR).</summary>
    public const int Refused = 1;

    /// <summary>The system denies access (SQLITE_PERM).</summary>
    public const int Denied = 3;

    /// <summary>Another connection holds the database (SQLITE_BUSY).</summary>
    public const int Busy = 5;

    /// <summary>Another statement holds a table (SQLITE_LOCKED).</summary>
    public const int Locked = 6;

    /// <summary>Memory is short (SQLITE_NOMEM).</summary>
    public const int NoMemory = 7;

    /// <summary>The file can only be read (SQLITE_READONLY).</summary>
    public const int ReadOnly = 8;

    /// <summary>The device failed (SQLITE_IOERR).</summary>
    public const int DeviceFailed = 10;

    /// <summary>The file is damaged (SQLITE_CORRUPT).</summary>
    public const int Damaged = 11;

    /// <summary>No space is left (SQLITE_FULL).</summary>
    public const int Full = 13;

    /// <summary>The file cannot be opened (SQLITE_CANTOPEN).</summary>
    public const int CannotOpen = 14;

    /// <summary>The tables are others than the statement expects (SQLITE_SCHEMA).</summary>
    public const int OtherTables = 17;

    /// <summary>A rule of a table is broken (SQLITE_CONSTRAINT).</summary>
    public const int Constraint = 19;

    /// <summary>The file is no database (SQLITE_NOTADB).</summary>
    public const int NoDatabase = 26;

    // SQLITE_IOERR_SHMSIZE: the file beside the database could not grow, which happens on a full device.
    private const int NoSpaceForIndex = DeviceFailed | (19 << 8);

    /// <summary>The code of a fault; <see cref="Full"/> also if SQLite reports a failed device and the device is full.</summary>
    /// <param name="fault">SQLite's exception.</param>
    public static int Of(SqliteException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.SqliteExtendedErrorCode == NoSpaceForIndex ? Full : fault.SqliteErrorCode;
    }

    /// <summary>Whether another process holds the database, so that a retry may help.</summary>
    /// <param name="fault">The exception.</param>
    public static bool IsBusy(Exception fault) => fault is SqliteException { SqliteErrorCode: Busy or Locked };

    /// <summary>Whether an exception is a fault of SQLite, for callers that do not refer to it.</summary>
    /// <param name="fault">The exception.</param>
    public static bool IsFault(Exception fault) => fault is SqliteException;

    /// <summary>Whether the system refused, and not the database.</summary>
    /// <param name="fault">SQLite's exception.</param>
    public static bool IsOfTheSystem(SqliteException fault) => fault?.SqliteErrorCode is ReadOnly or DeviceFailed or Full or CannotOpen;
}
