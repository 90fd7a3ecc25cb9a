using Sisa.Torch.Data;

namespace Sisa.Torch.Models.Decoders;

/// <summary>Steps of so many windows of documents each.</summary>
/// <param name="batch">Filled for each step. The caller keeps it.</param>
/// <param name="context">Tokens of a window.</param>
internal sealed class WindowSteps(WindowBatch batch, int context) : StepPlan
{
    private ItemSource? _source;
    private List<Piece[]> _steps = [];

    /// <summary>The plan with its batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="context">Tokens of a window.</param>
    public static TensorSteps Of(WindowBatch batch, int context) => new(new WindowSteps(batch, context), batch);

    /// <inheritdoc/>
    public override int StepCount => _steps.Count;

    /// <inheritdoc/>
    public override int Count(ItemSource source, int itemCount, Func<int[]> order) => WindowPacking.Pack(source, order(), context, batch.Capacity).Count;

    /// <inheritdoc/>
    public override void Begin(ItemSource source, int[] order) => (_source, _steps) = (source, WindowPacking.Pack(source, order, context, batch.Capacity));

    /// <inheritdoc/>
    public override int Load(int step)
    {
        batch.Load(_source!, _steps[step]);
        return _steps[step].Count(piece => piece.IsLast);
    }
}
