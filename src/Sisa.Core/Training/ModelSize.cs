using Sisa.Corpora;

namespace Sisa.Training;

/// <summary>How large a constituent is: known from the recipe, before anything is trained or any library loaded.</summary>
/// <remarks>Pure. A test compares it with the parameters that each architecture lays out.</remarks>
public static class ModelSize
{
    /// <summary>Trainable numbers of one constituent.</summary>
    /// <param name="recipe">A recipe whose model and features go together.</param>
    /// <exception cref="NotSupportedException">The model is of an unknown kind.</exception>
    public static long Parameters(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var layout = FeatureLayout.Of(recipe);
        var classes = recipe.Labels.Count;
        return recipe.Model switch
        {
            MlpOptions mlp => Mlp(mlp, layout.Length, classes),
            CnnOptions cnn => Cnn(cnn, recipe.Features.Pixels ?? new PixelFeature(0, 0), classes),
            TextClassifierOptions text => Text(text, layout, classes),
            DecoderOptions decoder => decoder.Shape.Parameters,
            AdapterOptions adapter => Adapter(adapter, recipe.Task == TaskKind.Classify ? classes : 0),
            _ => throw new NotSupportedException($"Model {recipe.Model.GetType().Name} has no known size."),
        };
    }

    private static long Mlp(MlpOptions options, long features, long classes)
    {
        var (width, sum) = (features, 0L);
        foreach (var hidden in options.Hidden)
        {
            sum += Linear(width, hidden);
            width = hidden;
        }

        return sum + Linear(width, classes);
    }

    private static long Cnn(CnnOptions options, PixelFeature pixels, long classes)
    {
        var (channels, height, width, sum) = ((long)pixels.Channels, (long)pixels.Height, (long)pixels.Width, 0L);
        foreach (var outputs in options.Channels)
        {
            sum += Linear(channels * options.Kernel * options.Kernel, outputs) + Norm(outputs);
            (channels, height, width) = (outputs, height / 2, width / 2);
        }

        var features = channels * height * width;
        return options.Hidden > 0 ? sum + Linear(features, options.Hidden) + Linear(options.Hidden, classes) : sum + Linear(features, classes);
    }

    private static long Text(TextClassifierOptions options, FeatureLayout layout, long classes)
    {
        long width = options.Width;
        var ends = (layout.Vocabulary * width) + Norm(width) + Linear(width, classes);
        if (options.Architecture == TextArchitecture.EmbeddingBag)
        {
            return ends;
        }

        var attention = Norm(width) + Linear(width, 3 * width) + Linear(width, width);
        var feedForward = Norm(width) + Linear(width, 4 * width) + Linear(4 * width, width);
        return ends + (layout.Length * width) + (options.Layers * (attention + feedForward));
    }

    private static long Adapter(AdapterOptions options, long classes)
    {
        var shape = options.Shape;
        long attention = shape.Heads * shape.HeadWidth, keys = shape.KeyValueHeads * shape.HeadWidth;
        var updates = options.Targets.Sum(target => target switch
        {
            AdapterTarget.Query or AdapterTarget.Output => shape.Width + attention,
            AdapterTarget.Key or AdapterTarget.Value => shape.Width + keys,
            _ => (long)shape.Width + shape.Hidden,
        });
        return (shape.Layers * options.Rank * updates) + (classes > 0 ? Linear(shape.Width, classes) : 0);
    }

    private static long Linear(long inputs, long outputs) => (inputs + 1) * outputs;

    private static long Norm(long width) => 2 * width;
}
