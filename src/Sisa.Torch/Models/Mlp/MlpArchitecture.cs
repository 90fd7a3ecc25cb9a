using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Native;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Models.Mlp;

/// <summary>Fully connected layers over dense features.</summary>
/// <remarks>Shapes: B items, F features (also width of any layer's input), C classes.</remarks>
internal sealed class MlpArchitecture : Architecture
{
    private readonly ParameterList _parameters = new();
    private readonly FeatureLayout _layout;

    /// <summary>Lays the model out.</summary>
    /// <param name="options">Widths and activation.</param>
    /// <param name="layout">Layout of the features.</param>
    /// <param name="classes">Number of labels.</param>
    public MlpArchitecture(MlpOptions options, FeatureLayout layout, int classes)
    {
        _layout = layout;
        Activation = options.Activation;
        var layers = new List<LinearLayer>();
        var width = layout.Length;
        for (var i = 0; i < options.Hidden.Count; i++)
        {
            layers.Add(_parameters.Linear(ParameterList.Numbered("hidden", i), width, options.Hidden[i]));
            width = options.Hidden[i];
        }

        layers.Add(_parameters.Linear("output", width, classes));
        Layers = layers;
        LargestActivation = options.Hidden.Append(classes).Append(layout.Length).Max();
    }

    /// <summary>How recipes become models of this kind.</summary>
    public static ArchitectureKind Kind { get; } = new()
    {
        Kind = ModelKinds.BuiltIn.Mlp,
        Build = (recipe, _) => FeatureLayout.Of(recipe) is var layout && layout.Kind != FeatureKind.Tokens
            ? new MlpArchitecture((MlpOptions)recipe.Model, layout, recipe.Labels.Count)
            : throw ArchitectureKind.Mismatch("mlp", "'features.text'", "numbers, categories, a vector or pixels"),
    };

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _parameters.Specs;

    /// <inheritdoc/>
    public override long LargestActivation { get; }

    /// <summary>The layers from first to output.</summary>
    public IReadOnlyList<LinearLayer> Layers { get; }

    /// <summary>Function after each layer but the last.</summary>
    public Activation Activation { get; }

    /// <inheritdoc/>
    public override torch.Tensor Logits(ParameterSet weights, Batch batch)
    {
        var x_BF = ((DenseBatch)batch).Features_BF;
        for (var i = 0; i < Layers.Count - 1; i++)
        {
            x_BF = Activate(Layers[i].Apply(weights, x_BF));
        }

        return Layers[^1].Apply(weights, x_BF);
    }

    /// <inheritdoc/>
    public override IEnumerable<KnownOperation> Operations(int items) =>
        Layers.Select(layer => _parameters.Specs[layer.Weight].Shape).Select(shape => (KnownOperation)LinearOperation.Of(items, shape[1], shape[0]))
            .Append(CrossEntropyOperation.Of(items, _parameters.Specs[Layers[^1].Bias].Count));

    /// <summary>The products of <see cref="StackedLogits"/> whose answers are known.</summary>
    /// <param name="constituents">Constituents side by side.</param>
    /// <param name="items">Items of a batch.</param>
    public IEnumerable<KnownOperation> StackedOperations(int constituents, int items) =>
        Layers.Select(layer => _parameters.Specs[layer.Weight].Shape).Select(shape => BatchedProductOperation.Of(constituents, items, shape[1], shape[0], transposed: true));

    /// <summary>Logits of several constituents, computed side by side: one product a layer for all of them.</summary>
    /// <param name="weights">Parameters of all constituents, made from <see cref="Parameters"/>.</param>
    /// <param name="x_SBF">The input of each, with S constituents in front.</param>
    /// <returns>logits_SBC, in the current dispose scope.</returns>
    /// <remarks>Answers come faster than one after another for batches of a few items, equally fast for large ones.</remarks>
    public torch.Tensor StackedLogits(StackedParameters weights, torch.Tensor x_SBF)
    {
        for (var i = 0; i < Layers.Count; i++)
        {
            x_SBF = Products.Batched(x_SBF, weights[Layers[i].Weight].transpose(1, 2)).Sum(weights[Layers[i].Bias].unsqueeze(1));
            x_SBF = i < Layers.Count - 1 ? Activate(x_SBF) : x_SBF;
        }

        return x_SBF;
    }

    /// <summary>Applies the activation.</summary>
    /// <param name="x">Any tensor.</param>
    public torch.Tensor Activate(torch.Tensor x) => Activation == Activation.Tanh ? x.tanh() : functional.relu(x);

    /// <inheritdoc/>
    public override Batch CreateBatch(int capacity, torch.Device device) => new DenseBatch(_layout, capacity, device);
}
