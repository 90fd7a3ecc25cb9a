using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sisa.Sharding;
using SQLitePCL;

namespace Sisa.Storage.Manifest;

/// <summary>An item's row: whose it is and where it lives.</summary>
/// <param name="Id">The item.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Place">Its shard and slice.</param>
public sealed record ItemRow(string Id, string Subject, Placement Place);

/// <summary>An item's row with its risk class, as it is compared with the slice that holds it.</summary>
/// <param name="Place">Its shard and slice.</param>
/// <param name="Id">The item.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="RiskClass">Its risk class; <see langword="null"/> if it has none.</param>
public sealed record PlacedItem(Placement Place, string Id, string Subject, string? RiskClass);

/// <summary>Where every retained item lives, by id and by subject.</summary>
public sealed class ItemTable
{
    private readonly SqliteConnection _connection;
    private readonly string _scratch;

    internal ItemTable(SqliteConnection connection, string scratch) => (_connection, _scratch) = (connection, scratch);

    /// <summary>Number of items.</summary>
    public long Count => _connection.Scalar<long>("SELECT coalesce(sum(items), 0) FROM slice");

    /// <summary>Number of rows, counted; equal to <see cref="Count"/> unless another program wrote to the table.</summary>
    public long RowCount => _connection.Scalar<long>("SELECT count(*) FROM item");

    /// <summary>Number of different subjects, counted.</summary>
    public long SubjectCount => _connection.Scalar<long>("SELECT count(*) FROM (SELECT DISTINCT coalesce(subject, id) FROM item)");

    /// <summary>Number of rows, as the manifest's triggers keep it; equal to <see cref="RowCount"/>, and costs nothing.</summary>
    public long KeptRowCount => Kept("rows");

    /// <summary>Number of different subjects, as it is kept with every change; equal to <see cref="SubjectCount"/>, and costs nothing.</summary>
    public long KeptSubjectCount => HasSubjects ? Kept("subjects") : KeptRowCount;

    /// <summary>Counts the subjects again; part of a transaction that added items.</summary>
    public void KeepSubjects()
    {
        if (HasSubjects)
        {
            _connection.Execute("UPDATE tally SET value = $1 WHERE name = 'subjects'", SubjectCount);
        }
    }

    /// <summary>Finds items by id.</summary>
    /// <param name="ids">Exact ids; unknown ones are absent from the answer.</param>
    /// <returns>Their rows, by id.</returns>
    public IReadOnlyList<ItemRow> FindById(IReadOnlyCollection<string> ids) =>
        Find("SELECT item.id, coalesce(subject, item.id), shard, slice FROM json_each($1) AS wanted CROSS JOIN item ON item.id = wanted.value", ids);

    /// <summary>Finds items by subject.</summary>
    /// <param name="subjects">Exact subjects; unknown ones are absent from the answer.</param>
    /// <returns>Their rows, by id.</returns>
    public IReadOnlyList<ItemRow> FindBySubject(IReadOnlyCollection<string> subjects) => HasSubjects
        ? Find(
            "SELECT item.id, item.subject, shard, slice FROM json_each($1) AS wanted CROSS JOIN item ON item.subject = wanted.value "

            // Where every item has a subject, looking each of those that are asked for up as an id would read a page for nothing.
            + "UNION ALL SELECT item.id, item.id, shard, slice FROM json_each($1) AS wanted CROSS JOIN item ON item.id = wanted.value AND item.subject IS NULL "
            + "WHERE EXISTS (SELECT 1 FROM item WHERE subject IS NULL)",
            subjects)
        : FindById(subjects);

    /// <summary>Removes items; unknown ids are ignored.</summary>
    /// <param name="ids">Exact ids.</param>
    public void Delete(IReadOnlyCollection<string> ids)
    {
        const string Wanted = "IN (SELECT value FROM json_each($1))";
        var subjects = HasSubjects ? _connection.Query($"SELECT DISTINCT coalesce(subject, id) FROM item WHERE id {Wanted}", r => r.GetString(0), Json(ids)) : [];
        _connection.Execute($"DELETE FROM item WHERE id {Wanted}", Json(ids));
        if (subjects.Count > 0)
        {
            _connection.Execute(
                "UPDATE tally SET value = value - (SELECT count(*) FROM json_each($1) AS wanted WHERE NOT EXISTS (SELECT 1 FROM item WHERE subject = wanted.value) "
                + "AND NOT EXISTS (SELECT 1 FROM item WHERE id = wanted.value AND subject IS NULL)) WHERE name = 'subjects'",
                Json(subjects));
        }
    }

    /// <summary>A subject whose items differ in risk class, which rule E1 refuses; <see langword="null"/> if there is none.</summary>
    public string? SubjectOfSeveralClasses() => _connection.Scalar<string>(
        "SELECT coalesce(subject, id) FROM item GROUP BY coalesce(subject, id) HAVING min(risk) <> max(risk) LIMIT 1");

    /// <summary>Every item, by shard, slice and id; streamed.</summary>
    public IEnumerable<PlacedItem> InPlaceOrder()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT shard, slice, id, coalesce(subject, id), risk FROM item ORDER BY shard, slice, id";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new PlacedItem(new Placement(new ShardId(reader.GetInt32(0)), new SliceIndex(reader.GetInt32(1))), reader.GetString(2), reader.GetString(3), reader.Text(4));
        }
    }

    /// <summary>Every item, in no order; read at once, so that the caller may write meanwhile.</summary>
    public IReadOnlyList<ItemRow> Every() => _connection.Query(
        "SELECT id, coalesce(subject, id), shard, slice FROM item",
        r => new ItemRow(r.GetString(0), r.GetString(1), new Placement(new ShardId(r.GetInt32(2)), new SliceIndex(r.GetInt32(3)))));

    /// <summary>Shows every id, in no order.</summary>
    /// <param name="visit">Takes each once.</param>
    public void VisitIds(NameVisitor visit) => NameScan.Run(_connection, "SELECT id, 1 FROM item", visit);

    /// <summary>Shows every subject with the number of its items, in no order. An item without one is its own subject.</summary>
    /// <param name="visit">Takes each once; an item's id may equal the subject of others, and comes once more then.</param>
    public void VisitSubjects(NameVisitor visit)
    {
        if (HasSubjects)
        {
            NameScan.Run(_connection, "SELECT subject, count(*) FROM item WHERE subject IS NOT NULL GROUP BY subject", visit);
            NameScan.Run(_connection, "SELECT id, 1 FROM item WHERE subject IS NULL", visit);
        }
        else
        {
            VisitIds(visit);
        }
    }

    /// <summary>Ids of one slice in ascending order.</summary>
    /// <param name="place">The slice.</param>
    public IReadOnlyList<string> IdsOf(Placement place) =>
        _connection.Query("SELECT id FROM item WHERE shard = $1 AND slice = $2 ORDER BY id", r => r.GetString(0), place.Shard.Value, place.Slice.Value);

    /// <summary>Compares items with their rows.</summary>
    public ItemMatcher Match() => new(_connection);

    /// <summary>Adds many items; fastest in ascending order of their ids. Part of the caller's transaction.</summary>
    public ItemInserter Insert() => new(_connection);

    /// <summary>Makes subjects searchable, or not: before a large first insertion the index is dropped and built again afterwards, because
    /// an index is built faster at once than row by row. Part of the caller's transaction.</summary>
    /// <param name="indexed">Whether there shall be an index.</param>
    public void IndexSubjects(bool indexed)
    {
        if (indexed)
        {
            _connection.ExecuteWithFilesIn(_scratch, "CREATE INDEX IF NOT EXISTS item_by_subject ON item (subject, id, shard, slice, risk)");
        }
        else
        {
            _connection.Execute("DROP INDEX IF EXISTS item_by_subject");
        }
    }

    private long Kept(string name) => _connection.Scalar<long>("SELECT value FROM tally WHERE name = $1", name);

    private bool HasSubjects => _connection.Scalar<long>("SELECT count(*) FROM sqlite_schema WHERE name = 'item_by_subject'") > 0;

    // Use each value once, because a join finds its row once for each. Sort them, so that each page is read once, from left to right.
    private static string Json(IEnumerable<string> values) => JsonSerializer.Serialize(values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    // Every statement says CROSS JOIN, by which SQLite keeps the order of the tables: each value is looked up, and not each item compared with all values.
    private List<ItemRow> Find(string sql, IReadOnlyCollection<string> values)
    {
        var rows = _connection.Query(
            sql,
            r => new ItemRow(r.GetString(0), r.GetString(1), new Placement(new ShardId(r.GetInt32(2)), new SliceIndex(r.GetInt32(3)))),
            Json(values));
        rows.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        return rows;
    }
}

/// <summary>Inserts items by one prepared statement, below the ADO layer, which costs more than SQLite itself at this rate.</summary>
/// <remarks>Not thread-safe. Rows become durable with the caller's transaction.</remarks>
public sealed class ItemInserter : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    internal ItemInserter(SqliteConnection connection)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, "INSERT INTO item VALUES (?1, ?2, ?3, ?4, ?5)", out _statement));
    }

    /// <summary>Inserts one item.</summary>
    /// <param name="id">UTF-8 id.</param>
    /// <param name="subject">UTF-8 subject; the id itself is stored as NULL.</param>
    /// <param name="place">Where it lives.</param>
    /// <param name="riskClass">Its class, where the recipe declares classes.</param>
    /// <returns>Whether it was inserted; <see langword="false"/> when the id is there already.</returns>
    public bool Add(ReadOnlySpan<byte> id, ReadOnlySpan<byte> subject, Placement place, string? riskClass)
    {
        raw.sqlite3_bind_text(_statement, 1, id);
        if (subject.SequenceEqual(id))
        {
            raw.sqlite3_bind_null(_statement, 2);
        }
        else
        {
            raw.sqlite3_bind_text(_statement, 2, subject);
        }

        raw.sqlite3_bind_int(_statement, 3, place.Shard.Value);
        raw.sqlite3_bind_int(_statement, 4, place.Slice.Value);
        if (riskClass is null)
        {
            raw.sqlite3_bind_null(_statement, 5);
        }
        else
        {
            raw.sqlite3_bind_text(_statement, 5, riskClass);
        }

        var code = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        if (code == raw.SQLITE_CONSTRAINT)
        {
            return false;
        }

        Check(code);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code is not raw.SQLITE_OK and not raw.SQLITE_DONE)
        {
            throw new SqliteException(raw.sqlite3_errmsg(_database).utf8_to_string(), code);
        }
    }
}
