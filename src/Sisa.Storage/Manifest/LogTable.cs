using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Entries of the evidence log, each written in the transaction of its event.</summary>
public sealed class LogTable
{
    private readonly SqliteConnection _connection;

    internal LogTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Number of entries.</summary>
    public long Count => _connection.Scalar<long>("SELECT coalesce(max(number) + 1, 0) FROM log_entry");

    /// <summary>Entries from a number on.</summary>
    /// <param name="first">Number of the first one, from 0.</param>
    public IReadOnlyList<string> From(long first) => _connection.Query("SELECT line FROM log_entry WHERE number >= $1 ORDER BY number", r => r.GetString(0), first);

    /// <summary>An entry; <see langword="null"/> if there is none of that number.</summary>
    /// <param name="number">From 0.</param>
    public string? Find(long number) => _connection.Scalar<string>("SELECT line FROM log_entry WHERE number = $1", number);

    /// <summary>Adds the next entry; part of the caller's transaction.</summary>
    /// <param name="line">The entry, without line feed.</param>
    public void Add(string line) => Add([line]);

    /// <summary>Adds the next entries; part of the caller's transaction.</summary>
    /// <param name="lines">The entries, without line feeds.</param>
    public void Add(IEnumerable<string> lines) => _connection.ExecuteMany("INSERT INTO log_entry SELECT coalesce(max(number) + 1, 0), $1 FROM log_entry", lines.Select(line => new object?[] { line }));
}
