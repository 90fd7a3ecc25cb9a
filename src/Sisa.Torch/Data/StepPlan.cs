namespace Sisa.Torch.Data;

/// <summary>Divides the items of an epoch into the steps of training, and fills a batch for each.</summary>
/// <remarks>What a step holds is a function of the recipe and of the items of the epoch in their order, and of nothing else (rules E2 and E4). Not
/// thread-safe; the batch is valid until the next <see cref="Load"/>.</remarks>
internal abstract class StepPlan
{
    /// <summary>Steps of the epoch that was begun last.</summary>
    public abstract int StepCount { get; }

    /// <summary>Number of steps that an epoch takes.</summary>
    /// <param name="source">Where its items are.</param>
    /// <param name="itemCount">How many they are.</param>
    /// <param name="order">Gives their numbers in training order; asked only where the number of steps depends on it.</param>
    public abstract int Count(ItemSource source, int itemCount, Func<int[]> order);

    /// <summary>Begins an epoch.</summary>
    /// <param name="source">Where its items are.</param>
    /// <param name="order">Their numbers in training order.</param>
    public abstract void Begin(ItemSource source, int[] order);

    /// <summary>Fills the batch of a step.</summary>
    /// <param name="step">Number of the step within the epoch.</param>
    /// <returns>Items that end with this step; over an epoch they add up to its items.</returns>
    public abstract int Load(int step);
}

/// <summary>A buffer for the items of one step.</summary>
internal interface IItemBatch
{
    /// <summary>Fills the buffer.</summary>
    /// <param name="source">Where the items are.</param>
    /// <param name="indices">Their numbers there; at least one, at most what the buffer holds.</param>
    /// <exception cref="StoreException">An item's features are not in the layout of the recipe.</exception>
    void Load(ItemSource source, ReadOnlySpan<int> indices);
}

/// <summary>A plan with the batch of tensors that it fills.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Batch">Its batch.</param>
internal sealed record TensorSteps(StepPlan Plan, Batch Batch) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Batch.Dispose();
}

/// <summary>Steps of so many items each.</summary>
/// <param name="batch">Filled for each step. The caller keeps it.</param>
/// <param name="batchSize">Items a step.</param>
internal sealed class ItemSteps(IItemBatch batch, int batchSize) : StepPlan
{
    private ItemSource? _source;
    private int[] _order = [];

    /// <inheritdoc/>
    public override int StepCount => StepsOf(_order.Length);

    /// <inheritdoc/>
    public override int Count(ItemSource source, int itemCount, Func<int[]> order) => StepsOf(itemCount);

    /// <inheritdoc/>
    public override void Begin(ItemSource source, int[] order) => (_source, _order) = (source, order);

    /// <inheritdoc/>
    public override int Load(int step)
    {
        var indices = ItemsOf(step).Span;
        batch.Load(_source!, indices);
        return indices.Length;
    }

    /// <summary>Numbers of the items of a step.</summary>
    /// <param name="step">Number of the step within the epoch.</param>
    public ReadOnlyMemory<int> ItemsOf(int step)
    {
        var start = step * batchSize;
        return _order.AsMemory(start, Math.Min(batchSize, _order.Length - start));
    }

    private int StepsOf(int items) => (int)(((long)items + batchSize - 1) / batchSize);
}
