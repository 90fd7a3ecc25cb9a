using Sisa.Checkpoints;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>Told of training, for people to see.</summary>
public interface ITrainingProgress
{
    /// <summary>Another process holds the store, and this one waits for it.</summary>
    void Waiting();

    /// <summary>Work begins.</summary>
    /// <param name="jobs">One job a shard.</param>
    /// <param name="environmentChanged">Whether shards start over because the environment differs.</param>
    void Begin(IReadOnlyList<ShardJob> jobs, bool environmentChanged);

    /// <summary>A stage got on.</summary>
    /// <param name="progress">How far.</param>
    void Progress(StageProgress progress);

    /// <summary>A stage ended and is recorded.</summary>
    /// <param name="result">The stage.</param>
    void Finished(StageResult result);

    /// <summary>The new bundle is served; the purge begins.</summary>
    void Published();
}

/// <summary>Records finished stages in the manifest, and refuses those that a new request has tainted.</summary>
/// <remarks>Called by one thread at a time. Records are not flushed one by one: what power loss takes is trained again.</remarks>
internal sealed class StageRecorder(Store store, ITrainingProgress? progress) : ITrainingObserver
{
    private readonly List<StageResult> _accepted = [];
    private readonly Dictionary<Placement, long> _itemCounts = [];

    public IReadOnlyList<StageResult> Accepted => _accepted;

    public long Visits => _accepted.Sum(s => s.Visits);

    /// <summary>Hears which stages will be trained, and on how many items each.</summary>
    public void Expect(IReadOnlyList<ShardJob> jobs)
    {
        _itemCounts.Clear();
        foreach (var job in jobs)
        {
            long items = 0;
            for (var k = 1; k <= job.Slices.Count; k++)
            {
                items += job.Slices[k - 1].Root.ItemCount;
                _itemCounts.Add(new Placement(job.Shard, new SliceIndex(k)), items);
            }
        }
    }

    public bool Accept(StageResult result)
    {
        var place = new Placement(result.Shard, result.Stage);
        var record = new CheckpointRecord
        {
            Digest = result.Digest,
            Place = place,
            File = FileOf(result),
            Tensors = result.Tensors,
            Lineage = result.Lineage,
            Recipe = store.RecipeDigest,
            Environment = result.Environment,
            ItemCount = _itemCounts[place],
            SizeBytes = result.SizeBytes,
            Visits = result.Visits,
            Seconds = result.Seconds,
            Loss = result.Loss,
        };
        var accepted = store.Manifest.Record(record, isRefused: () => store.Manifest.Requests.IsTainted(place));
        if (!accepted)
        {
            // A crash before this leaves a file without a row, which recovery removes as well.
            store.Manifest.Write(() => store.Manifest.Garbage.Add(record.File));
        }

        if (accepted)
        {
            _accepted.Add(result);
            progress?.Finished(result);
        }

        return accepted;
    }

    void ITrainingObserver.Progress(StageProgress stage) => progress?.Progress(stage);

    private string FileOf(StageResult result) =>
        store.Layout.Relative(Path.Combine(store.Layout.CheckpointsOf(result.Shard), result.FileName));
}
