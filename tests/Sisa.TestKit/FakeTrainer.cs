using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.TestKit;

/// <summary>Thrown by a trainer that was told to fail.</summary>
public sealed class InjectedException() : Exception("The test told the trainer to fail.");

/// <summary>An item as a trainer saw it.</summary>
public readonly record struct SeenItem(string Id, string Text);

/// <summary>A trainer without tensors: its weights and its optimizer state are digests chained over every batch of every stage in E2
/// order, so that any mistake of order, lineage, schedule or restart changes bytes.</summary>
/// <remarks>Strict as the real one: it verifies slices and start checkpoint. Not thread-safe.</remarks>
public sealed class FakeTrainer : IShardTrainer
{
    // Who saw what, by the digest of the checkpoint file: what invariants are checked against.
    private static readonly ConcurrentDictionary<Digest, IReadOnlySet<SeenItem>> Ledger = new();

    private int _untilFailure = int.MaxValue;

    /// <summary>Where it says that it trains.</summary>
    public EnvironmentFingerprint Fingerprint { get; set; } = new()
    {
        Device = "cpu",
        Numerics = NumericProfile.Native,
        Threads = 1,
        Architecture = "x64",
        OperatingSystem = "linux",
        Cpu = "fake",
        CpuCapability = "default",
        Libtorch = "0",
        TorchSharp = "0",
    };

    /// <summary>Called before a stage is trained.</summary>
    public Action<ShardJob, SliceIndex>? BeforeStage { get; set; }

    /// <summary>Called when a stage's checkpoint is durable and not yet offered.</summary>
    public Action<StageResult>? BeforeOffer { get; set; }

    /// <summary>Called after a stage was offered.</summary>
    public Action<StageResult>? AfterOffer { get; set; }

    /// <summary>Every stage that was trained, also refused ones.</summary>
    public List<Placement> Trained { get; } = [];

    /// <summary>Every job that was given.</summary>
    public List<ShardJob> Jobs { get; } = [];

    /// <summary>Items that a checkpoint saw, over its whole lineage.</summary>
    public static IReadOnlySet<SeenItem>? Seen(Digest checkpoint) => Ledger.GetValueOrDefault(checkpoint);

    /// <summary>Fails instead of training one of the next stages.</summary>
    public void FailAtStage(int number) => _untilFailure = number;

    /// <inheritdoc/>
    public EnvironmentFingerprint Environment(Recipe recipe, CancellationToken cancellation = default) => Fingerprint with { Numerics = recipe.Numerics, Threads = recipe.Training.Threads };

    /// <inheritdoc/>
    public void Train(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, CancellationToken cancellation)
    {
        foreach (var job in jobs)
        {
            Jobs.Add(job);
            Train(job, observer, cancellation);
        }
    }

    private void Train(ShardJob job, ITrainingObserver observer, CancellationToken cancellation)
    {
        var state = State.Begin(job, Environment(job.Recipe, cancellation));
        for (var stage = job.FirstStage; stage <= job.LastStage; stage = stage.Next)
        {
            if (--_untilFailure == 0)
            {
                _untilFailure = int.MaxValue;
                throw new InjectedException();
            }

            BeforeStage?.Invoke(job, stage);
            cancellation.ThrowIfCancellationRequested();
            var result = state.TrainStage(stage);
            Trained.Add(new Placement(job.Shard, stage));
            BeforeOffer?.Invoke(result);
            var goOn = observer.Accept(result);
            AfterOffer?.Invoke(result);
            if (!goOn)
            {
                return;
            }
        }
    }

    private sealed class State(ShardJob job, EnvironmentFingerprint environment)
    {
        // Null where the start was trained by another process: nobody here knows what it has seen.
        private HashSet<SeenItem>? _seen = [];
        private Digest _weights = Seeds.Derive(job.Recipe.Training.Seed, "init/weights", job.Recipe.Training.Init == InitKind.Shared ? -1 : job.Shard.Value);
        private Digest _momentum;
        private long _step;

        public static State Begin(ShardJob job, EnvironmentFingerprint environment)
        {
            var state = new State(job, environment);
            if (job.Start is null)
            {
                return job.FirstStage == SliceIndex.First ? state : throw new ArgumentException("A job without a start begins at the first stage.", nameof(job));
            }

            using var start = CheckpointFile.Read(job.Start.Path, job.Start.Digest);
            var header = start.Header;
            var expected = job.LineageAt(job.FirstStage.Previous);
            if (header.Recipe != job.RecipeDigest || header.Shard != job.Shard || !header.Lineage.Equals(expected) || header.Environment != environment)
            {
                throw new StoreException($"Checkpoint {job.Start.Path} is not of this job.", null);
            }

            state._weights = new Digest(start.Data("weights").Span);
            state._momentum = new Digest(start.Data("optimizer.momentum").Span);
            state._step = BinaryPrimitives.ReadInt64LittleEndian(start.Data("optimizer.step").Span);
            state._seen = Seen(job.Start.Digest)?.ToHashSet();
            return state;
        }

        public StageResult TrainStage(SliceIndex stage)
        {
            var slices = job.Slices.Take(stage.Value).Where(s => s.Path is not null).Select(s => SliceFile.Open(s.Path!, s.Root)).ToArray();
            (SliceFile File, int Index)[] items = [.. slices.SelectMany(file => Enumerable.Range(0, file.Count).Select(i => (file, i)))];
            foreach (var (file, index) in items)
            {
                _seen?.Add(new SeenItem(Encoding.UTF8.GetString(file.Id(index).Span), Encoding.UTF8.GetString(file[index].Text)));
            }

            var visits = Visit(stage, items);
            Array.ForEach(slices, file => file.Dispose());
            return Write(stage, visits);
        }

        private long Visit(SliceIndex stage, (SliceFile File, int Index)[] items)
        {
            ReadOnlyMemory<byte>[] ids = [.. items.Select(item => item.File.Id(item.Index))];
            var schedule = new StageSchedule(job.Recipe);
            var order = new ItemOrder(job.Recipe.Training.Seed, job.Shard);
            var batches = schedule.Epochs
                .SelectMany((fraction, epoch) => order.Epoch(stage, epoch, fraction, ids).Chunk(job.Recipe.Training.BatchSize))
                .ToArray();
            for (var step = 0; step < batches.Length; step++)
            {
                Step(items, batches[step], schedule.LearningRate(stage, step, batches.Length));
            }

            return batches.Sum(batch => batch.Length);
        }

        private void Step((SliceFile File, int Index)[] items, int[] batch, double learningRate)
        {
            using var gradient = new MemoryStream();
            gradient.Write(_weights.ToBytes());
            gradient.Write(BitConverter.GetBytes(learningRate));
            foreach (var (file, index) in batch.Select(i => items[i]))
            {
                gradient.Write(BitConverter.GetBytes(file.Label(index)));
                gradient.Write(file.Features(index));
            }

            _momentum = Digest.Keyed(_momentum.ToBytes(), gradient.ToArray());
            _weights = Digest.Keyed(_weights.ToBytes(), _momentum.ToBytes());
            _step++;
        }

        private StageResult Write(SliceIndex stage, long visits)
        {
            var header = new CheckpointHeader { Recipe = job.RecipeDigest, Shard = job.Shard, Lineage = job.LineageAt(stage), Environment = environment };

            // A weight that stays at one, as those of a normalisation do.
            float[] ones = [1, 1];
            var written = CheckpointFile.Write(job.CheckpointFolder, header,
            [
                new TensorEntry("weights", "U8", [Digest.SizeBytes], _weights.ToBytes()),
                new TensorEntry("norm", "F32", [2], MemoryMarshal.AsBytes(ones.AsSpan()).ToArray()),
                new TensorEntry("optimizer.momentum", "U8", [Digest.SizeBytes], _momentum.ToBytes()),
                new TensorEntry("optimizer.step", "I64", [], BitConverter.GetBytes(_step)),
            ]);
            if (_seen is not null)
            {
                Ledger[written.Digest] = new HashSet<SeenItem>(_seen);
            }

            return new StageResult
            {
                Shard = job.Shard,
                Stage = stage,
                FileName = written.FileName,
                Digest = written.Digest,
                Tensors = written.Tensors,
                SizeBytes = written.SizeBytes,
                Lineage = header.Lineage.Digest,
                Environment = environment.ToDigest(),
                Visits = visits,
                Seconds = 1,
                Loss = visits == 0 ? null : 1.0 / (1 + _step),
            };
        }
    }
}
