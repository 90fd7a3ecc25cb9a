namespace Sisa.Torch.Perceptron;

/// <summary>One layer's buffers: its outputs, as lanes and as rows, and their gradients, group by group of sixteen items.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PerceptronLayer : IDisposable
{
    private readonly AlignedFloats _outputs;
    private readonly AlignedFloats _gradients;
    private readonly AlignedFloats _rows;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="weight">Index of the weight [O, I] among the parameters.</param>
    /// <param name="bias">Index of the bias [O].</param>
    /// <param name="width">Number of outputs.</param>
    /// <param name="batchSize">Most items.</param>
    public PerceptronLayer(int weight, int bias, int width, int batchSize)
    {
        (Weight, Bias, Width) = (weight, bias, width);
        var items = LaneRows.Stride(batchSize);
        _outputs = new AlignedFloats((long)items * width);
        _gradients = new AlignedFloats((long)items * width);
        _rows = new AlignedFloats((long)items * LaneRows.Stride(width));
    }

    /// <summary>Index of the weight [O, I] among the parameters.</summary>
    public int Weight { get; }

    /// <summary>Index of the bias [O] among the parameters.</summary>
    public int Bias { get; }

    /// <summary>Outputs O.</summary>
    public int Width { get; }

    /// <summary>Outputs of a group, the items of an output side by side: [O, L].</summary>
    /// <param name="group">From 0.</param>
    public Span<float> Outputs(int group) => Part(_outputs, group, Width);

    /// <summary>Gradients of the outputs before the activation: [O, L].</summary>
    /// <param name="group">From 0.</param>
    public Span<float> Gradients(int group) => Part(_gradients, group, Width);

    /// <summary>Outputs of a group item by item: [L, O in whole vectors].</summary>
    /// <param name="group">From 0.</param>
    public Span<float> Rows(int group) => Part(_rows, group, LaneRows.Stride(Width));

    /// <inheritdoc/>
    public void Dispose()
    {
        _outputs.Dispose();
        _gradients.Dispose();
        _rows.Dispose();
    }

    private static Span<float> Part(AlignedFloats memory, int group, int width) => memory.Span.Slice(group * LaneProducts.Count * width, LaneProducts.Count * width);
}
