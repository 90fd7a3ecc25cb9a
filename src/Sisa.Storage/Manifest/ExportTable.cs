using Microsoft.Data.Sqlite;
using Sisa.Sharding;

namespace Sisa.Storage.Manifest;

/// <summary>A copy of the ensemble that was handed out.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Path">Folder it was written to.</param>
/// <param name="Epoch">Epoch of the bundle that it holds.</param>
/// <param name="Created">When, UTC.</param>
/// <param name="Recall">Whether something in its lineage has been forgotten since.</param>
public sealed record ExportRow(long Number, string Path, long Epoch, DateTimeOffset Created, bool Recall);

/// <summary>Copies handed out, for recall. Holds shards and stages, no digests (rule E9).</summary>
public sealed class ExportTable
{
    private readonly SqliteConnection _connection;

    internal ExportTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Every export, oldest first.</summary>
    public IReadOnlyList<ExportRow> All() => _connection.Query(
        "SELECT number, path, epoch, created, recall FROM export ORDER BY number",
        r => new ExportRow(r.GetInt64(0), r.GetString(1), r.GetInt64(2), Timestamp.Parse(r.GetString(3)), r.GetInt64(4) != 0));

    /// <summary>Records an export.</summary>
    /// <param name="path">Folder it was written to.</param>
    /// <param name="epoch">Epoch of the bundle.</param>
    /// <param name="created">The time.</param>
    /// <param name="stages">The stage that each shard's checkpoint stands at.</param>
    public void Add(string path, long epoch, DateTimeOffset created, IEnumerable<Placement> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        var number = _connection.Scalar<long>("INSERT INTO export (path, epoch, created) VALUES ($1, $2, $3) RETURNING number", path, epoch, Timestamp.Format(created));
        foreach (var stage in stages)
        {
            _connection.Execute("INSERT INTO export_shard VALUES ($1, $2, $3)", number, stage.Shard.Value, stage.Slice.Value);
        }
    }

    /// <summary>Marks the exports whose lineage holds a slice.</summary>
    /// <param name="place">The slice from which something is forgotten.</param>
    public void Recall(Placement place) => _connection.Execute(
        "UPDATE export SET recall = 1 WHERE number IN (SELECT export FROM export_shard WHERE shard = $1 AND stage >= $2)",
        place.Shard.Value,
        place.Slice.Value);
}
