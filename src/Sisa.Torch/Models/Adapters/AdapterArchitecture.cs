using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models.Adapters;

/// <summary>An adapter of a frozen base: a language model, or a classifier that reads the state of an item's last token.</summary>
/// <remarks>Shapes: N sequences, T positions, W width, P positions that predict, C classes. The base is held in memory once, however many constituents there are.</remarks>
internal sealed class AdapterArchitecture : Architecture
{
    private readonly Recipe _recipe;
    private readonly AdapterOptions _options;
    private readonly AdapterLayout _layout;
    private readonly FrozenBase _base;
    private readonly Decoder _decoder;

    /// <summary>Lays the adapter out and loads its base, unless this process holds it already.</summary>
    /// <param name="recipe">A recipe whose model is an adapter.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="StoreException">The base is missing, or another one.</exception>
    public AdapterArchitecture(Recipe recipe, torch.Device device)
    {
        _recipe = recipe;
        _options = (AdapterOptions)recipe.Model;
        _layout = new AdapterLayout(_options, recipe.Task == TaskKind.Classify ? recipe.Labels.Count : 0);
        _base = FrozenBase.Of(recipe, device);
        _decoder = new Decoder(_options.Shape, _options.Context, device);
        LargestActivation = Decoder.TrainingFloats(_options.Shape, _options.Context);
    }

    /// <summary>How recipes become models of this kind.</summary>
    public static ArchitectureKind Kind { get; } = new()
    {
        Kind = ModelKinds.BuiltIn.Adapter,
        Build = (recipe, device) => new AdapterArchitecture(recipe, device),
        Published = recipe => new AdapterLayout((AdapterOptions)recipe.Model, recipe.Task == TaskKind.Classify ? recipe.Labels.Count : 0).Specs,
        PublishedFile = "adapter_model.safetensors",
        Family = (recipe, device) => new AdaptedDecoders((AdapterOptions)recipe.Model, recipe, device),
    };

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _layout.Specs;

    /// <inheritdoc/>
    public override long LargestActivation { get; }

    /// <inheritdoc/>
    public override torch.Tensor Logits(ParameterSet weights, Batch batch)
    {
        var adapted = new AdapterWeights(_base.Weights(_recipe.Training.Precision), _options, _layout, weights);
        return batch is WindowBatch windows ? _decoder.NextTokens(adapted, windows) : Classes(weights, adapted, (PaddedBatch)batch);
    }

    /// <inheritdoc/>
    public override IEnumerable<KnownOperation> Operations(int items)
    {
        var (shape, windows) = (_options.Shape, DecoderArchitecture.PartOf(_recipe, items));
        var rows = (long)windows * _options.Context;
        var updates = _options.Targets.Select(target => AdapterLayout.SizeOf(shape, target))
            .SelectMany(size => new KnownOperation[] { LinearOperation.Of(rows, size.Inputs, _options.Rank, hasBias: false), LinearOperation.Of(rows, _options.Rank, size.Outputs, hasBias: false) });
        var head = _layout.Head is { } layer ? [LinearOperation.Of(items, shape.Width, Parameters[layer.Bias].Count)] : Array.Empty<KnownOperation>();
        return [.. Decoder.Operations(shape, windows, _options.Context, _recipe.Training.Precision), .. updates, .. head];
    }

    /// <inheritdoc/>
    public override Batch CreateBatch(int capacity, torch.Device device) =>
        _layout.Head is null ? DecoderArchitecture.WindowsOf(_recipe, capacity, device) : new PaddedBatch(FeatureLayout.Of(_recipe), capacity, device);

    /// <inheritdoc/>
    internal override TensorSteps CreateSteps(int batchSize, torch.Device device) =>
        _layout.Head is null ? WindowSteps.Of(DecoderArchitecture.WindowsOf(_recipe, batchSize, device), _options.Context) : base.CreateSteps(batchSize, device);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _decoder.Dispose();
    }

    // Padding stands behind the last token, where no token attends to it.
    private torch.Tensor Classes(ParameterSet weights, AdapterWeights adapted, PaddedBatch items)
    {
        var x_NTW = _decoder.Hidden(adapted, items.Tokens_BL, new WindowAttention(items.Mask_BL));
        var last = torch.tensor(items.LastPositions).to(x_NTW.device);
        return _layout.Head!.Value.Apply(weights, x_NTW.view(-1, _options.Shape.Width).index_select(0, last));
    }
}
