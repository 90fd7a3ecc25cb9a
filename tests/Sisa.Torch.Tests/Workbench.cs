using System.Runtime.InteropServices;
using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Torch.Tests;

/// <summary>A folder with slice files and checkpoints of one shard, and the trainer.</summary>
internal sealed class Workbench : IDisposable
{
    private static readonly AssignmentKey Key = new(Enumerable.Range(1, AssignmentKey.SizeBytes).Select(i => (byte)i).ToArray());

    private readonly string _folder = Directory.CreateTempSubdirectory("sisa-torch-").FullName;
    private int _slices;
    private int _runs;

    public string NewFolder() => Path.Combine(_folder, $"run-{_runs++}");

    public SliceReference Slice(IReadOnlyList<TestItem> items)
    {
        if (items.Count == 0)
        {
            return new SliceReference(null, SliceRoot.Empty);
        }

        var path = Path.Combine(_folder, $"slice-{_slices++}");
        var builder = new SliceBuilder();
        var source = new TestItems(items);
        for (var i = 0; i < items.Count; i++)
        {
            builder.Add(source, i);
        }

        builder.Sort();
        return new SliceReference(path, builder.Write(path, Key.LeafBytes));
    }

    /// <summary>Three slices of a shard, made up from the recipe.</summary>
    public IReadOnlyList<SliceReference> Slices(Recipe recipe, string name = "item", params int[] counts) =>
        [.. (counts.Length == 0 ? [21, 9, 14] : counts).Select((count, k) => Slice(TestItems.Make(recipe, $"{name}-{k}", count)))];

    public static ShardJob Job(Recipe recipe, IReadOnlyList<SliceReference> slices, string folder, int shard = 1) => new()
    {
        Recipe = recipe,
        RecipeDigest = RecipeJson.RecipeDigest(recipe, Key.Commitment),
        Shard = new ShardId(shard),
        FirstStage = SliceIndex.First,
        Slices = slices,
        CheckpointFolder = folder,
        BaseFolder = recipe.BaseFolder,
    };

    /// <summary>Trains a job to its end, or until the observer refuses.</summary>
    public static List<StageResult> Train(ShardJob job, Func<StageResult, bool>? accept = null)
    {
        var observer = new RecordingObserver(accept);
        new TorchShardTrainer().Train([job], observer, CancellationToken.None);
        return observer.Results;
    }

    /// <summary>Trains from the initial state in a new folder.</summary>
    public List<StageResult> Train(Recipe recipe, IReadOnlyList<SliceReference> slices, int shard = 1) =>
        Train(Job(recipe, slices, NewFolder(), shard));

    public static CheckpointReference Reference(ShardJob job, StageResult result) =>
        new(Path.Combine(job.CheckpointFolder, result.FileName), result.Digest);

    /// <summary>A copy of a checkpoint whose weights are no numbers: what training wrote that diverged, before it was an error.</summary>
    public CheckpointReference Diverged(CheckpointReference file) => Altered(file, (_, values) => values.Fill(float.NaN));

    /// <summary>A copy of a checkpoint with other numbers.</summary>
    /// <param name="file">The checkpoint.</param>
    /// <param name="change">Changes the numbers of a tensor, which is given by name.</param>
    public CheckpointReference Altered(CheckpointReference file, TensorChange change)
    {
        using var content = CheckpointFile.Read(file.Path, file.Digest);
        var folder = NewFolder();
        var written = CheckpointFile.Write(folder, content.Header, [.. content.Tensors.Select(t => new TensorEntry(t.Name, t.Type, t.Shape, t.Type == "F32" ? Changed(t.Name, content.Data(t.Name), change) : content.Data(t.Name)))]);
        return new CheckpointReference(Path.Combine(folder, written.FileName), written.Digest);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Changed(string name, ReadOnlyMemory<byte> data, TensorChange change)
    {
        var changed = data.ToArray();
        change(name, MemoryMarshal.Cast<byte, float>(changed.AsSpan()));
        return changed;
    }
}

/// <summary>Changes the numbers of a tensor.</summary>
internal delegate void TensorChange(string name, Span<float> values);

/// <summary>Remembers what it hears.</summary>
internal sealed class RecordingObserver(Func<StageResult, bool>? accept = null) : ITrainingObserver
{
    public List<StageResult> Results { get; } = [];

    public List<StageProgress> Reports { get; } = [];

    public Action<StageProgress>? OnProgress { get; init; }

    public bool Accept(StageResult result)
    {
        Results.Add(result);
        return accept is null || accept(result);
    }

    public void Progress(StageProgress progress)
    {
        Reports.Add(progress);
        OnProgress?.Invoke(progress);
    }
}
