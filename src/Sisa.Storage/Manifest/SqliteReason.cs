using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Why SQLite refused, in the project's words. Result codes: https://sqlite.org/rescode.html.</summary>
public static class SqliteReason
{
    /// <summary>The reason, as the second half of a sentence without its full stop.</summary>
    /// <param name="fault">What SQLite said.</param>
    public static string Of(SqliteException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.SqliteErrorCode switch
        {
            3 => "permission denied",
            5 or 6 => "another process holds it",
            7 => "memory is short",
            8 => "it can only be read",
            10 => "the device failed",
            11 => "it is damaged",
            13 => "no space is left on the device",
            14 => "the file cannot be opened",
            17 or 1 => "its tables are not those of a manifest",
            19 => "its rows contradict each other",
            26 => "it is no SQLite database",
            var code => $"SQLite ended with code {code}",
        };
    }
}
