using Microsoft.Data.Sqlite;
using Sisa.Checkpoints;
using Sisa.Sharding;

namespace Sisa.Storage.Manifest;

/// <summary>Every checkpoint file that the store keeps.</summary>
public sealed class CheckpointTable
{
    private const string Columns = "digest, shard, stage, file, tensors, lineage, recipe, environment, items, bytes, visits, seconds, loss";

    private readonly SqliteConnection _connection;

    internal CheckpointTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Every checkpoint, by shard and stage.</summary>
    public IReadOnlyList<CheckpointRecord> All() => _connection.Query($"SELECT {Columns} FROM checkpoint ORDER BY shard, stage, digest", Map);

    /// <summary>The checkpoints that the bundle serves, by shard.</summary>
    public IReadOnlyList<CheckpointRecord> Served() =>
        _connection.Query($"SELECT {Columns} FROM checkpoint WHERE digest IN (SELECT checkpoint FROM bundle) ORDER BY shard", Map);

    /// <summary>Records a durable checkpoint; recording it again changes nothing.</summary>
    /// <param name="row">The checkpoint.</param>
    /// <returns>Whether it was not recorded before.</returns>
    public bool Add(CheckpointRecord row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return _connection.Execute(
            "INSERT INTO checkpoint VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
            row.Digest.ToString(),
            row.Place.Shard.Value,
            row.Place.Slice.Value,
            row.File,
            row.Tensors.ToString(),
            row.Lineage.ToString(),
            row.Recipe.ToString(),
            row.Environment.ToString(),
            row.ItemCount,
            row.SizeBytes,
            row.Visits,
            row.Seconds,
            row.Loss) > 0;
    }

    /// <summary>Removes a checkpoint's row; its file is the caller's to discard.</summary>
    /// <param name="digest">The checkpoint.</param>
    public void Delete(Digest digest) => _connection.Execute("DELETE FROM checkpoint WHERE digest = $1", digest.ToString());

    /// <summary>Records an environment, once.</summary>
    /// <param name="environment">The environment.</param>
    public void AddEnvironment(EnvironmentFingerprint environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        _connection.Execute("INSERT INTO environment VALUES ($1, $2) ON CONFLICT DO NOTHING", environment.ToDigest().ToString(), environment.ToJson());
    }

    /// <summary>Environments of the checkpoints that are kept, by digest.</summary>
    public IReadOnlyDictionary<Digest, EnvironmentFingerprint> Environments() => _connection
        .Query("SELECT digest, json FROM environment WHERE digest IN (SELECT environment FROM checkpoint)", r => (Digest: r.Digest(0), Json: r.GetString(1)))
        .ToDictionary(e => e.Digest, e => EnvironmentFingerprint.FromJson(e.Json));

    private static CheckpointRecord Map(SqliteDataReader r) => new()
    {
        Digest = r.Digest(0),
        Place = new Placement(new ShardId(r.GetInt32(1)), new SliceIndex(r.GetInt32(2))),
        File = r.GetString(3),
        Tensors = r.Digest(4),
        Lineage = r.Digest(5),
        Recipe = r.Digest(6),
        Environment = r.Digest(7),
        ItemCount = r.GetInt64(8),
        SizeBytes = r.GetInt64(9),
        Visits = r.GetInt64(10),
        Seconds = r.GetDouble(11),
        Loss = r.IsDBNull(12) ? null : r.GetDouble(12),
    };
}
