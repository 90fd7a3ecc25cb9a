using System.Buffers;

namespace Sisa.Torch.Convolutions;

/// <summary>A convolution of one stride whose output is as large as its input, forward and backward, in memory.</summary>
/// <remarks>One thread. Shapes: B items, C channels of the input, O of the output, H rows, W columns, k the side of a kernel; everything row-major.</remarks>
/// <param name="shape">Size of image and kernel.</param>
/// <param name="channels">C.</param>
/// <param name="outputs">O.</param>
internal readonly struct PlaneConvolution(PlaneShape shape, int channels, int outputs)
{
    // Four planes of gradients and one of inputs, for several small items, fit into the nearest cache. The bits depend on this number.
    private const int FloatsAtOnce = 8_192;

    private int Pixels => shape.Height * shape.Width;

    /// <summary>y = bias + weights ∗ x.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="weights">[O, C, k, k].</param>
    /// <param name="bias">[O].</param>
    /// <param name="y">[B, O, H, W]; overwritten.</param>
    public void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> y)
    {
        using var planes = new Scratch(checked(channels * shape.Plane));
        using var grids = new Scratch(checked(outputs * shape.Grid));
        var offsets = shape.Offsets(channels);
        for (; x.Length > 0; x = x[(channels * Pixels)..], y = y[(outputs * Pixels)..])
        {
            shape.Fill(x[..(channels * Pixels)], planes.Span);
            PlaneProducts.Convolve(weights, bias, planes.Span, offsets, grids.Span);
            shape.Take(grids.Span, y[..(outputs * Pixels)]);
        }
    }

    /// <summary>Gradients of the input: the gradients of the output convolved with the kernels turned round.</summary>
    /// <param name="gradients">Gradients of the output, [B, O, H, W].</param>
    /// <param name="weights">[O, C, k, k].</param>
    /// <param name="below">[B, C, H, W]; overwritten.</param>
    public void InputGradients(ReadOnlySpan<float> gradients, ReadOnlySpan<float> weights, Span<float> below)
    {
        var places = shape.Kernel * shape.Kernel;
        using var turned = new Scratch(weights.Length);
        for (var i = 0; i < weights.Length; i++)
        {
            var (kernel, place) = Math.DivRem(i, places);
            var (output, channel) = Math.DivRem(kernel, channels);
            turned.Span[(((channel * outputs) + output) * places) + places - 1 - place] = weights[i];
        }

        using var zeros = new Scratch(channels);
        new PlaneConvolution(shape, outputs, channels).Forward(gradients, turned.Span, zeros.Span, below);
    }

    /// <summary>Gradients of weights and biases.</summary>
    /// <param name="x">The input, [B, C, H, W].</param>
    /// <param name="gradients">Gradients of the output, [B, O, H, W].</param>
    /// <param name="ofWeights">[O, C, k, k]; overwritten.</param>
    /// <param name="ofBias">[O]; overwritten.</param>
    public void ParameterGradients(ReadOnlySpan<float> x, ReadOnlySpan<float> gradients, Span<float> ofWeights, Span<float> ofBias)
    {
        ofWeights.Clear();
        ofBias.Clear();
        var atOnce = Math.Max(1, FloatsAtOnce / (5 * shape.Plane));
        var (ofItem, above) = (checked(channels * shape.Plane), checked(outputs * shape.Plane));
        using var planes = new Scratch(checked(atOnce * ofItem));
        using var gradientPlanes = new Scratch(checked(atOnce * above));
        var offsets = shape.Offsets(channels);
        for (int items; x.Length > 0; x = x[(items * channels * Pixels)..], gradients = gradients[(items * outputs * Pixels)..])
        {
            items = Math.Min(atOnce, x.Length / (channels * Pixels));
            shape.Fill(x[..(items * channels * Pixels)], planes.Span);
            shape.Fill(gradients[..(items * outputs * Pixels)], gradientPlanes.Span);
            PlaneProducts.Accumulate(ofWeights, gradientPlanes.Span[..(items * above)], shape.Origin, planes.Span[..(items * ofItem)], offsets, shape.Grid, items);
            for (var plane = 0; plane < items * outputs; plane++)
            {
                ofBias[plane % outputs] += PlaneProducts.Sum(gradientPlanes.Span.Slice(plane * shape.Plane, shape.Plane));
            }
        }
    }

    /// <summary>Memory of the pool, zero at first.</summary>
    private readonly ref struct Scratch
    {
        private readonly float[] _array;

        public Scratch(int length)
        {
            _array = ArrayPool<float>.Shared.Rent(length);
            Span = _array.AsSpan(0, length);
            Span.Clear();
        }

        public Span<float> Span { get; }

        public void Dispose() => ArrayPool<float>.Shared.Return(_array);
    }
}
