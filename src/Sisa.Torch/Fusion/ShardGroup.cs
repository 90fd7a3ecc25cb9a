using System.Numerics;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Fusion;

/// <summary>Trains the jobs of several shards of one recipe together. Their checkpoints have the bytes that each job gives alone.</summary>
/// <remarks>
/// Every shard is at a place of its own: it has its order, epochs, stages, learning rate, loss and checkpoints (<see cref="ShardTraining"/>). Whoever has a short
/// batch before it takes that step alone, in its own rows, until a full one or the end comes; then neighbours in memory that are left take a full step together, as
/// many at once as the proof allows. Nothing is padded. A shard that ends or is refused leaves a gap, and the others stay where they are.
/// One fault ends the group: of every shard the stages that the observer was offered are kept. Not thread-safe.
/// </remarks>
internal sealed class ShardGroup : IDisposable
{
    private readonly FlatStack _stack;
    private readonly List<Member> _members = [];
    private readonly Dictionary<(int First, int Count), FusedStep> _steps = [];
    private readonly MlpArchitecture _architecture;
    private readonly FusionProof _proof;
    private readonly int _batchSize;
    private readonly DenseBatch _batch;
    private readonly SideBySide _items;
    private readonly int[] _indices;

    /// <summary>Opens the start checkpoints.</summary>
    /// <param name="jobs">Jobs of different shards, all of one recipe whose model is a multi-layer perceptron. Those with more visits ahead come first, so that gaps appear at the end.</param>
    /// <param name="observer">Who hears of them.</param>
    /// <param name="time">Measures durations.</param>
    /// <param name="proof">Says how many may step together.</param>
    /// <exception cref="ArgumentException">The jobs are of several recipes.</exception>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    /// <exception cref="StoreException">A start checkpoint does not fit.</exception>
    public ShardGroup(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, TimeProvider time, FusionProof proof)
    {
        if (jobs.Any(job => job.RecipeDigest != jobs[0].RecipeDigest))
        {
            throw new ArgumentException("Jobs of several recipes cannot be trained together.", nameof(jobs));
        }

        var recipe = jobs[0].Recipe;
        NativeRuntime.Start(recipe);
        var device = NativeRuntime.Device(recipe);
        _proof = proof;
        _batchSize = recipe.Training.BatchSize;
        _architecture = (MlpArchitecture)Architecture.Create(recipe, device);
        _stack = new FlatStack(jobs.Count, device);
        _batch = (DenseBatch)_architecture.CreateBatch(jobs.Count * _batchSize, device);
        _items = new SideBySide(_batchSize);
        _indices = [.. Enumerable.Range(0, jobs.Count * _batchSize)];
        try
        {
            for (var row = 0; row < jobs.Count; row++)
            {
                var constituent = new TensorConstituent(jobs[row], new StackRow(_stack, row));
                _members.Add(new Member(new ShardTraining(jobs[row], constituent, observer, time), constituent));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Steps so far that several shards took together, counted once for all of them.</summary>
    public long SharedSteps { get; private set; }

    /// <summary>Trains until every shard is at its last stage or was refused, or until cancellation.</summary>
    /// <param name="cancellation">Ends the work within a few batches; checkpoints in flight, of all shards, are finished and offered first.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="DivergenceException">A loss or a weight of a shard is not finite; what was durable of all shards was offered.</exception>
    /// <exception cref="SisaException">A slice cannot be read or a checkpoint not be written.</exception>
    public void Run(CancellationToken cancellation)
    {
        Cursor[] cursors = [.. _members.Select(member => new Cursor(member, member.Training.Steps(cancellation).GetEnumerator()))];
        try
        {
            var rows = Enumerable.Range(0, cursors.Length).Where(row => MoveToFullStep(cursors[row])).ToList();
            while (rows.Count > 0)
            {
                StepAll(rows, cursors);
                rows.RemoveAll(row => !MoveToFullStep(cursors[row]));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or DivergenceException)
        {
            _members.ForEach(member => member.Training.OfferPending());
            throw;
        }
        finally
        {
            Array.ForEach(cursors, cursor => cursor.Steps.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var step in _steps.Values)
        {
            step.Dispose();
        }

        _members.ForEach(member => member.Training.Dispose());
        _batch.Dispose();
        _stack.Dispose();
        _architecture.Dispose();
    }

    // False at the end of the shard.
    private bool MoveToFullStep(Cursor cursor)
    {
        while (cursor.Steps.MoveNext())
        {
            if (cursor.Items.Length == _batchSize)
            {
                return true;
            }

            cursor.StepAlone();
        }

        return false;
    }

    // Neighbours together. The rows are in ascending order.
    private void StepAll(List<int> rows, Cursor[] cursors)
    {
        for (int i = 0, neighbours; i < rows.Count; i += neighbours)
        {
            for (neighbours = 1; i + neighbours < rows.Count && rows[i + neighbours] == rows[i] + neighbours;)
            {
                neighbours++;
            }

            for (int j = 0, count; j < neighbours; j += count)
            {
                count = AtOnce(neighbours - j);
                StepTogether(rows[i] + j, cursors.AsSpan(rows[i] + j, count));
            }
        }
    }

    // All of the group, or else a power of two: each number needs a proof of its own.
    private int AtOnce(int neighbours)
    {
        var count = neighbours == _members.Count ? neighbours : 1 << BitOperations.Log2((uint)neighbours);
        while (count > 1 && !_proof.Holds(count))
        {
            count = 1 << BitOperations.Log2((uint)count - 1);
        }

        return count;
    }

    private void StepTogether(int first, ReadOnlySpan<Cursor> neighbours)
    {
        if (neighbours.Length == 1)
        {
            neighbours[0].StepAlone();
            return;
        }

        _items.Clear();
        var rates = new double[neighbours.Length];
        for (var i = 0; i < neighbours.Length; i++)
        {
            _items.Add(neighbours[i].Member.Training.Items, neighbours[i].Items);
            rates[i] = neighbours[i].Steps.Current.LearningRate;
        }

        _batch.Load(_items, _indices.AsSpan(0, neighbours.Length * _batchSize));
        StepOf(first, neighbours.Length).Run(_batch, rates);
        SharedSteps++;
        foreach (var cursor in neighbours)
        {
            cursor.Member.Training.Visited(_batchSize);
        }
    }

    private FusedStep StepOf(int first, int count)
    {
        if (!_steps.TryGetValue((first, count), out var step))
        {
            var constituents = _members.GetRange(first, count).ConvertAll(member => member.Constituent);
            step = new FusedStep(_architecture, _stack, first, constituents.ConvertAll(c => c.Optimizer), constituents.ConvertAll(c => c.Autograd), _batchSize);
            _steps.Add((first, count), step);
        }

        return step;
    }

    /// <summary>A shard of the group. Its training owns the constituent.</summary>
    private sealed record Member(ShardTraining Training, TensorConstituent Constituent);

    /// <summary>Where a shard is.</summary>
    private readonly record struct Cursor(Member Member, IEnumerator<PlannedStep> Steps)
    {
        // A perceptron's steps are batches of items.
        public ReadOnlyMemory<int> Items => ((ItemSteps)Member.Constituent.Steps).ItemsOf(Steps.Current.Index);

        public void StepAlone() => Member.Training.StepAlone(Steps.Current);
    }
}

/// <summary>The place of one constituent in the memory of a group.</summary>
/// <param name="Stack">The memory.</param>
/// <param name="Row">Its row there.</param>
internal readonly record struct StackRow(FlatStack Stack, int Row)
{
    /// <summary>Gives its memory; the constituent must ask for the same kinds in the same order as the others.</summary>
    public FlatAllocator Memory() => Stack.Row(Row);

    /// <summary>Where its losses are added up, [1]; the caller's.</summary>
    public torch.Tensor LossSum() => Stack.LossSum(Row);
}
