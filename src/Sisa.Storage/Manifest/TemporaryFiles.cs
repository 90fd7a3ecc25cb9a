using Microsoft.Data.Sqlite;
using Sisa.Storage.Files;

namespace Sisa.Storage.Manifest;

/// <summary>Lets a statement that sorts or copies a whole table use temporary files, where all others keep to memory.</summary>
/// <remarks>The files hold rows, so they are made within the store and nowhere else (rule E9). SQLite unlinks each before it writes to it: a crash leaves none, or an empty one in the scratch folder.
/// The folder is a variable of the process. Only statements that are let in here read it, and one is at a time.</remarks>
internal static class TemporaryFiles
{
    private const int GeneralError = 1;

    private static readonly Lock OneAtATime = new();

    /// <summary>Runs a statement.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="folder">Where its temporary files go; created if need be.</param>
    /// <param name="sql">The statement.</param>
    public static void ExecuteWithFilesIn(this SqliteConnection connection, string folder, string sql)
    {
        DurableFile.CreateFolder(folder);
        lock (OneAtATime)
        {
            var usesFiles = TryUseFiles(connection, folder);
            try
            {
                connection.Execute(sql);
            }
            finally
            {
                connection.Execute(usesFiles ? "PRAGMA temp_store = MEMORY; PRAGMA temp_store_directory = ''" : "PRAGMA temp_store_directory = ''");
            }
        }
    }

    // A connection that has used temporary storage cannot change its place within a transaction; then it stays in memory.
    private static bool TryUseFiles(SqliteConnection connection, string folder)
    {
        try
        {
            connection.Execute($"PRAGMA temp_store_directory = '{folder.Replace("'", "''", StringComparison.Ordinal)}'; PRAGMA temp_store = FILE");
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == GeneralError)
        {
            return false;
        }
    }
}
