using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Sisa.Engine.Stores;
using Sisa.Storage.Manifest;

namespace Sisa.TestKit;

/// <summary>Reaches the connection that a manifest writes through, to watch it or to make it fail.</summary>
public static class ManifestAccess
{
    /// <summary>The connection itself; the manifest's.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Connection")]
    public static extern SqliteConnection Connection(this SqliteManifest manifest);

    /// <summary>Calls back before every statement that a store runs, from now on.</summary>
    public static void OnStatement(this Store store, Action<string> callback) => store.Manifest.Connection().OnStatement(callback);

    /// <summary>Calls back before every statement that a connection runs, from now on or no more.</summary>
    public static void OnStatement(this SqliteConnection connection, Action<string>? callback) =>
        raw.sqlite3_trace(connection.Handle, callback is null ? null : (strdelegate_trace)((_, sql) => callback(sql)), null);

    /// <summary>Calls back again and again while a connection is at work, or no more.</summary>
    public static void OnProgress(this SqliteConnection connection, Action? callback) => raw.sqlite3_progress_handler(
        connection.Handle,
        callback is null ? 0 : 1000,
        callback is null ? null : (delegate_progress)(_ =>
        {
            callback();
            return 0;
        }),
        null);

    /// <summary>Runs a statement on the connection itself.</summary>
    public static void Run(this SqliteConnection connection, string sql) => StoreFiles.Rows(connection, sql);
}
