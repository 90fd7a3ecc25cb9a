using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Runs statements on the manifest's connection.</summary>
/// <remarks>Values are bound in order to <c>$1</c>, <c>$2</c>, …; <see langword="null"/> binds NULL.</remarks>
internal static class Sql
{
    private const int MostIdle = 128;

    // Statements of a connection that are prepared and not in use: to prepare one costs more than to run it.
    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteCommand>> Idle = [];

    public static int Execute(this SqliteConnection connection, string sql, params object?[] values)
    {
        if (values.Length == 0)
        {
            // A script, or a statement about the database as a whole.
            using var once = Command(connection, sql, values);
            return once.ExecuteNonQuery();
        }

        return Use(connection, sql, values, command => command.ExecuteNonQuery());
    }

    /// <summary>Runs one statement for many rows of values.</summary>
    public static void ExecuteMany(this SqliteConnection connection, string sql, IEnumerable<object?[]> rows)
    {
        using var row = rows.GetEnumerator();
        if (row.MoveNext())
        {
            Use(connection, sql, row.Current, command =>
            {
                command.ExecuteNonQuery();
                while (row.MoveNext())
                {
                    Bind(command, row.Current);
                    command.ExecuteNonQuery();
                }

                return true;
            });
        }
    }

    public static T? Scalar<T>(this SqliteConnection connection, string sql, params object?[] values) =>
        Use(connection, sql, values, command => command.ExecuteScalar() is { } value and not DBNull ? (T)value : default);

    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> map, params object?[] values) => Use(connection, sql, values, command =>
    {
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    });

    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static Digest Digest(this SqliteDataReader reader, int column) => Sisa.Digest.Parse(reader.GetString(column));

    // One that is in use is not lent again: whoever reads its rows may run the same statement for each.
    private static T Use<T>(SqliteConnection connection, string sql, object?[] values, Func<SqliteCommand, T> run)
    {
        var idle = Idle.GetOrCreateValue(connection);
        if (idle.Remove(sql, out var command))
        {
            command.CommandTimeout = connection.DefaultTimeout;
            Bind(command, values);
        }
        else
        {
            command = Command(connection, sql, values);
        }

        try
        {
            var result = run(command);
            if (idle.Count < MostIdle && idle.TryAdd(sql, command))
            {
                command = null;
            }

            return result;
        }
        finally
        {
            command?.Dispose();
        }
    }

    private static void Bind(SqliteCommand command, object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, object?[] values)
    {
        // Every caller passes a constant. Data travels only in parameters.
#pragma warning disable CA2100
        var command = new SqliteCommand(sql, connection);
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        }

        return command;
    }
}
