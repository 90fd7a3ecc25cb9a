using Microsoft.Data.Sqlite;
using Sisa.Sharding;

namespace Sisa.Storage.Manifest;

/// <summary>The served checkpoints, one a shard or none. Changes only together with the epoch.</summary>
public sealed class BundleTable
{
    private readonly SqliteConnection _connection;

    internal BundleTable(SqliteConnection connection) => _connection = connection;

    /// <summary>The checkpoint of each shard that is served, by shard.</summary>
    public IReadOnlyDictionary<ShardId, Digest> Served() => _connection
        .Query("SELECT shard, checkpoint FROM bundle WHERE checkpoint IS NOT NULL ORDER BY shard", r => (Shard: new ShardId(r.GetInt32(0)), Digest: r.Digest(1)))
        .ToDictionary(b => b.Shard, b => b.Digest);

    /// <summary>Points a shard at a checkpoint, or leaves it out.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="checkpoint">A recorded checkpoint, or <see langword="null"/>.</param>
    public void Set(ShardId shard, Digest? checkpoint) => _connection.Execute(
        "INSERT INTO bundle VALUES ($1, $2) ON CONFLICT DO UPDATE SET checkpoint = excluded.checkpoint", shard.Value, checkpoint?.ToString());
}
