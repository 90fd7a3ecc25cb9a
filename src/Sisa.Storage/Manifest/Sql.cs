using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Runs statements on the manifest's connection.</summary>
/// <remarks>Values are bound in order to <c>$1</c>, <c>$2</c>, …; <see langword="null"/> binds NULL.</remarks>
internal static class Sql
{
    public static int Execute(this SqliteConnection connection, string sql, params object?[] values)
    {
        using var command = Prepare(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs one statement for many rows of values; prepared once.</summary>
    public static void ExecuteMany(this SqliteConnection connection, string sql, IEnumerable<object?[]> rows)
    {
        SqliteCommand? command = null;
        try
        {
            foreach (var values in rows)
            {
                if (command is null)
                {
                    command = Prepare(connection, sql, values);
                    command.Prepare();
                }

                for (var i = 0; i < values.Length; i++)
                {
                    command.Parameters[i].Value = values[i] ?? DBNull.Value;
                }

                command.ExecuteNonQuery();
            }
        }
        finally
        {
            command?.Dispose();
        }
    }

    public static T? Scalar<T>(this SqliteConnection connection, string sql, params object?[] values)
    {
        using var command = Prepare(connection, sql, values);
        return command.ExecuteScalar() is { } value and not DBNull ? (T)value : default;
    }

    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> map, params object?[] values)
    {
        using var command = Prepare(connection, sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static Digest Digest(this SqliteDataReader reader, int column) => Sisa.Digest.Parse(reader.GetString(column));

    private static SqliteCommand Prepare(SqliteConnection connection, string sql, object?[] values)
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
