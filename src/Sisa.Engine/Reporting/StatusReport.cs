using Sisa.Engine.Certifying;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Reporting;

/// <summary>The state of a store in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record StatusReport
{
    /// <summary>Name of the ensemble.</summary>
    public required string Name { get; init; }

    /// <summary>Folder of the store.</summary>
    public required string Store { get; init; }

    /// <summary>Digest of the recipe, the commitment to κ and the version of the training code.</summary>
    public required Digest Recipe { get; init; }

    /// <summary>Items retained.</summary>
    public required long Items { get; init; }

    /// <summary>Subjects retained.</summary>
    public required long Subjects { get; init; }

    /// <summary>Items forgotten and not taken back.</summary>
    public required long Forgotten { get; init; }

    /// <summary>Epoch of the bundle.</summary>
    public required long Epoch { get; init; }

    /// <summary>Whether the ensemble answers nothing until a request is served.</summary>
    public required bool Suspended { get; init; }

    /// <summary>Whether every shard is trained on its slices as they are now.</summary>
    public required bool UpToDate { get; init; }

    /// <summary>Every shard.</summary>
    public required IReadOnlyList<ShardStatus> Shards { get; init; }

    /// <summary>Checkpoints that training from scratch would write, by shard and slice.</summary>
    public required IReadOnlyList<CheckpointStatus> Checkpoints { get; init; }

    /// <summary>Open requests, the earliest due date first: those that owe retraining, a purge or a certificate. At most <see cref="MostRequests"/>.</summary>
    public required IReadOnlyList<RequestStatus> Requests { get; init; }

    /// <summary>Open requests that <see cref="Requests"/> leaves out.</summary>
    public required long MoreRequests { get; init; }

    /// <summary>Number of requests in each state, also of those that are finished.</summary>
    public required IReadOnlyDictionary<string, long> RequestCounts { get; init; }

    /// <summary>Copies handed out.</summary>
    public required IReadOnlyList<ExportRow> Exports { get; init; }

    /// <summary>Environments in which the checkpoints were trained, as fingerprints.</summary>
    public required IReadOnlyList<Sisa.Checkpoints.EnvironmentFingerprint> Environments { get; init; }

    /// <summary>Most requests that a report lists.</summary>
    public const int MostRequests = 100;

    /// <summary>Takes the state of a store.</summary>
    /// <param name="store">The store.</param>
    public static StatusReport Of(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var now = store.Now;
        var open = store.Manifest.Requests.List(new RequestFilter { States = RequestFilter.Open, Limit = MostRequests }, now);
        var histories = store.Histories();
        var served = store.Manifest.Bundle.Served();
        var chains = histories.ToDictionary(h => h.Shard, h => h.Chain(store.RecipeDigest, null));
        RequireOwnRows(store);
        return new StatusReport
        {
            Name = store.Recipe.Name,
            Store = store.Layout.Root,
            Recipe = store.RecipeDigest,
            Items = store.Manifest.Items.Count,
            Subjects = store.Manifest.Items.KeptSubjectCount,
            Forgotten = store.Manifest.Requests.KeptTombstoneCount,
            Epoch = store.Manifest.Settings.Epoch,
            Suspended = store.Manifest.Settings.IsSuspended,
            UpToDate = histories.All(h => chains[h.Shard].Count == h.Slices.Count) && store.Manifest.Requests.Pending().All(r => r.State >= RequestState.Published),
            Shards =
            [
                .. histories.Select(h => new ShardStatus(
                    h.Shard.Value,
                    [.. h.Slices.Select(s => s.ItemCount)],
                    chains[h.Shard].Count,
                    served.TryGetValue(h.Shard, out var digest) ? h.Checkpoints.FirstOrDefault(c => c.Digest == digest)?.Place.Slice.Value : null)),
            ],
            Checkpoints =
            [
                .. histories.SelectMany(h => chains[h.Shard]).Select(c => new CheckpointStatus(c.Place.Shard.Value, c.Place.Slice.Value, c.Digest, c.Tensors, c.ItemCount, c.SizeBytes)),
            ],
            Requests = [.. open.Rows.Select(r => RequestStatus.Of(r, now))],
            MoreRequests = open.Total - open.Rows.Count,
            RequestCounts = store.Manifest.Requests.CountByState().OrderBy(c => c.Key).ToDictionary(c => KebabName.Of(c.Key), c => c.Value),
            Exports = store.Manifest.Exports.All(),
            Environments = [.. store.Manifest.Checkpoints.Environments().Values],
        };
    }

    // Counts that another program's changes made would be believed.
    private static void RequireOwnRows(Store store) => store.Manifest.Read(() =>
    {
        RecordedTombstones.RequireKept(store);
        new RowCheck(store).RequireKeptCount();
        return true;
    });
}

/// <summary>A shard.</summary>
/// <param name="Shard">Its number.</param>
/// <param name="Items">Items in each of its slices.</param>
/// <param name="Trained">Slices up to which its checkpoints are up to date.</param>
/// <param name="Served">Slice whose checkpoint is served, or <see langword="null"/> when the shard is left out.</param>
public sealed record ShardStatus(int Shard, IReadOnlyList<long> Items, int Trained, int? Served);

/// <summary>A checkpoint.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="Slice">Number of the slice at whose boundary it was written.</param>
/// <param name="Digest">SHA-256 of the file.</param>
/// <param name="Tensors">SHA-256 of the tensor bytes.</param>
/// <param name="Items">Items that it saw.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record CheckpointStatus(int Shard, int Slice, Digest Digest, Digest Tensors, long Items, long Bytes);

/// <summary>A request.</summary>
/// <param name="Id">Its name.</param>
/// <param name="State">How far it is.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Policy">What is served until the retraining.</param>
/// <param name="Received">When the controller received it.</param>
/// <param name="Due">When it is due.</param>
/// <param name="Overdue">Whether it was or is late.</param>
/// <param name="Waits">Until when its retraining may wait.</param>
/// <param name="Completed">When it was purged.</param>
/// <param name="Epoch">Epoch that its last state change published.</param>
/// <param name="Summary">Counts and cost; no ids.</param>
public sealed record RequestStatus(
    string Id,
    RequestState State,
    ForgetReason Reason,
    ForgetPolicy Policy,
    DateTimeOffset Received,
    DateTimeOffset Due,
    bool Overdue,
    DateTimeOffset? Waits,
    DateTimeOffset? Completed,
    long? Epoch,
    RequestSummary Summary)
{
    /// <summary>When the store recorded it.</summary>
    public required DateTimeOffset Recorded { get; init; }

    /// <summary>Takes a request as it stands.</summary>
    /// <param name="row">The request.</param>
    /// <param name="now">The moment that decides whether it is overdue.</param>
    public static RequestStatus Of(RequestRow row, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new RequestStatus(row.Id, row.State, row.Reason, row.Policy, row.Received, row.Due, row.IsOverdue(now), row.Waits, row.Completed, row.Epoch, row.Summary) { Recorded = row.Entered };
    }
}
