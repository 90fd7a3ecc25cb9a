using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Why SQLite refused, in the project's words.</summary>
public static class SqliteReason
{
    /// <summary>The reason, as the second half of a sentence without its full stop.</summary>
    /// <param name="fault">SQLite's exception.</param>
    public static string Of(SqliteException fault) => SqliteCode.Of(fault) switch
    {
        SqliteCode.Denied => "permission denied",
        SqliteCode.Busy or SqliteCode.Locked => "another process holds it",
        SqliteCode.NoMemory => "memory is short",
        SqliteCode.ReadOnly => "it can only be read",
        SqliteCode.DeviceFailed => "the device failed",
        SqliteCode.Damaged => "it is damaged",
        SqliteCode.Full => "no space is left on the device",
        SqliteCode.CannotOpen => "the file cannot be opened",
        SqliteCode.Refused => "the database refused it",
        SqliteCode.OtherTables => "its tables are not those of a manifest",
        SqliteCode.Constraint => "its rows contradict each other",
        SqliteCode.NoDatabase => "it is not a SQLite database",
        var code => $"SQLite ended with code {code}",
    };
}
