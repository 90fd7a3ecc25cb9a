using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Models.Cnn;

/// <summary>Convolutions over an image, each followed by normalisation, ReLU and 2 × 2 max pooling; then linear layers.</summary>
/// <remarks>Shapes: B items, C channels (or classes, of logits), H rows, W columns, F features. Pixels lie channel by
/// channel, each row by row.</remarks>
internal sealed class CnnArchitecture : Architecture
{
    private readonly ParameterList _parameters = new();
    private readonly FeatureLayout _layout;
    private readonly PixelFeature _pixels;
    private readonly List<(ConvolutionLayer Convolution, NormLayer Norm)> _blocks = [];
    private readonly LinearLayer? _hidden;
    private readonly LinearLayer _output;

    /// <summary>Lays the model out.</summary>
    /// <param name="options">Channels, kernel and hidden width.</param>
    /// <param name="layout">Layout of the features.</param>
    /// <param name="pixels">Size of the image.</param>
    /// <param name="classes">Number of labels.</param>
    /// <exception cref="RecipeException">The image is too small for that many poolings.</exception>
    public CnnArchitecture(CnnOptions options, FeatureLayout layout, PixelFeature pixels, int classes)
    {
        (_layout, _pixels) = (layout, pixels);
        var (channels, height, width) = (pixels.Channels, pixels.Height, pixels.Width);
        LargestActivation = Math.Max(layout.Length, Math.Max(options.Hidden, classes));
        for (var i = 0; i < options.Channels.Count; i++)
        {
            LargestActivation = Math.Max(LargestActivation, (long)options.Channels[i] * height * width);
            _blocks.Add((
                _parameters.Convolution(ParameterList.Numbered("convolution", i), channels, options.Channels[i], options.Kernel),
                _parameters.Norm(ParameterList.Numbered("norm", i), options.Channels[i])));
            (channels, height, width) = (options.Channels[i], height / 2, width / 2);
        }

        if (height == 0 || width == 0)
        {
            throw new RecipeException([
                $"model.channels has {options.Channels.Count} convolutions, each halving the image; {pixels.Height} × {pixels.Width} pixels allow {(int)Math.Log2(Math.Min(pixels.Height, pixels.Width))}."]);
        }

        var features = channels * height * width;
        _hidden = options.Hidden > 0 ? _parameters.Linear("hidden", features, options.Hidden) : null;
        _output = _parameters.Linear("output", options.Hidden > 0 ? options.Hidden : features, classes);
    }

    /// <summary>How recipes become models of this kind.</summary>
    public static ArchitectureKind Kind { get; } = new()
    {
        Kind = ModelKinds.BuiltIn.Cnn,
        Build = (recipe, _) => recipe.Features.Pixels is { } pixels
            ? new CnnArchitecture((CnnOptions)recipe.Model, FeatureLayout.Of(recipe), pixels, recipe.Labels.Count)
            : throw ArchitectureKind.Mismatch("cnn", "no 'features.pixels'", "'features.pixels'"),
    };

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _parameters.Specs;

    /// <inheritdoc/>
    public override long LargestActivation { get; }

    /// <inheritdoc/>
    public override torch.Tensor Logits(ParameterSet weights, Batch batch)
    {
        var x_BCHW = ((DenseBatch)batch).Features_BF.view(batch.Count, _pixels.Channels, _pixels.Height, _pixels.Width);
        foreach (var (convolution, norm) in _blocks)
        {
            x_BCHW = Pool(functional.relu(norm.ApplyToImage(weights, convolution.Apply(weights, x_BCHW))));
        }

        var x_BF = x_BCHW.flatten(1);
        if (_hidden is { } hidden)
        {
            x_BF = functional.relu(hidden.Apply(weights, x_BF));
        }

        return _output.Apply(weights, x_BF);
    }

    /// <inheritdoc/>
    public override IEnumerable<KnownOperation> Operations(int items)
    {
        var (height, width) = (_pixels.Height, _pixels.Width);
        foreach (var (convolution, _) in _blocks)
        {
            var shape = Parameters[convolution.Weight].Shape;
            yield return ConvolutionOperation.Of(items, shape[1], shape[0], shape[2], height, width);
            yield return NormOperation.Of(items, shape[0], height, width);
            (height, width) = (height / 2, width / 2);
        }

        foreach (var layer in _hidden is { } hidden ? [hidden, _output] : new[] { _output })
        {
            var shape = Parameters[layer.Weight].Shape;
            yield return LinearOperation.Of(items, shape[1], shape[0]);
        }

        yield return CrossEntropyOperation.Of(items, Parameters[_output.Bias].Count);
    }

    /// <inheritdoc/>
    public override Batch CreateBatch(int capacity, torch.Device device) => new DenseBatch(_layout, capacity, device);

    private static torch.Tensor Pool(torch.Tensor x_BCHW)
    {
        if (x_BCHW.device_type != DeviceType.CUDA)
        {
            return functional.max_pool2d(x_BCHW, 2);
        }

        // CUDA's pooling adds its gradients up in no fixed order; windows that do not overlap are a maximum over two dimensions.
        var (height, width) = (x_BCHW.shape[2] / 2, x_BCHW.shape[3] / 2);
        return x_BCHW.narrow(2, 0, height * 2).narrow(3, 0, width * 2)
            .reshape(x_BCHW.shape[0], x_BCHW.shape[1], height, 2, width, 2)
            .amax([3, 5]);
    }
}
