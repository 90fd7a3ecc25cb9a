using Microsoft.Data.Sqlite;
using Sisa.Checkpoints;
using Sisa.Sharding;

namespace Sisa.Storage.Manifest;

/// <summary>A slice's row.</summary>
/// <param name="Place">Shard and slice.</param>
/// <param name="File">Path of its file relative to the store; <see langword="null"/> for a slice without items.</param>
/// <param name="Root">Root and number of its items.</param>
public sealed record SliceRow(Placement Place, string? File, SliceRoot Root);

/// <summary>The current file of every slice.</summary>
public sealed class SliceTable
{
    private readonly SqliteConnection _connection;

    internal SliceTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Every slice, by shard and slice.</summary>
    public IReadOnlyList<SliceRow> All() => _connection.Query("SELECT shard, slice, file, root, items FROM slice ORDER BY shard, slice", Map);

    /// <summary>One slice.</summary>
    /// <param name="place">Shard and slice of the ensemble.</param>
    public SliceRow Get(Placement place) =>
        _connection.Query("SELECT shard, slice, file, root, items FROM slice WHERE shard = $1 AND slice = $2", Map, place.Shard.Value, place.Slice.Value) is [var row]
            ? row
            : throw new StoreException($"The manifest has no row for {place}.", "Restore the manifest from a backup.");

    /// <summary>Records a slice's file; a file that is no longer current is the caller's to discard.</summary>
    /// <param name="row">The slice.</param>
    public void Set(SliceRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        _connection.Execute(
            "INSERT INTO slice VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET file = excluded.file, root = excluded.root, items = excluded.items",
            row.Place.Shard.Value,
            row.Place.Slice.Value,
            row.File,
            row.Root.Root.ToBytes(),
            row.Root.ItemCount);
    }

    private static SliceRow Map(SqliteDataReader r) => new(
        new Placement(new ShardId(r.GetInt32(0)), new SliceIndex(r.GetInt32(1))),
        r.Text(2),
        new SliceRoot(new Digest((byte[])r[3]), r.GetInt64(4)));
}
