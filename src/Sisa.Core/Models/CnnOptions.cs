using Sisa.Training;

namespace Sisa.Models;

/// <summary>Convolutions with layer normalisation over an image, then one linear layer.</summary>
public sealed record CnnOptions : ModelOptions
{
    /// <summary>Output channels of the convolutions; each is followed by normalisation, ReLU and 2 × 2 max pooling.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32];

    /// <summary>Side of the square kernels, odd.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>Width of the hidden layer between convolutions and output; 0 for none.</summary>
    public int Hidden { get; init; } = 64;

    /// <inheritdoc/>
    public override long ParameterCount(Recipe recipe)
    {
        var pixels = recipe.Features.Pixels ?? new PixelFeature(0, 0);
        var (channels, height, width, sum) = ((long)pixels.Channels, (long)pixels.Height, (long)pixels.Width, 0L);
        foreach (var outputs in Channels)
        {
            sum += Linear(channels * Kernel * Kernel, outputs) + Norm(outputs);
            (channels, height, width) = (outputs, height / 2, width / 2);
        }

        var (features, classes) = (channels * height * width, recipe.Labels.Count);
        return Hidden > 0 ? sum + Linear(features, Hidden) + Linear(Hidden, classes) : sum + Linear(features, classes);
    }

    /// <inheritdoc/>
    public override long TensorCount(Recipe recipe) => (4 * Channels.Count) + (Hidden > 0 ? 4 : 2);

    /// <inheritdoc/>
    public override string Describe() => $"cnn, channels {string.Join(" ", Channels)}";
}
