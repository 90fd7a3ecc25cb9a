using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

/// <summary>A decoder that is trained whole to predict the next token.</summary>
/// <remarks>Shapes: N windows of a part, T positions, W width, P positions that predict, V vocabulary.</remarks>
internal sealed class DecoderArchitecture : Architecture
{
    private readonly DecoderLayout _layout;
    private readonly Decoder _decoder;
    private readonly Recipe _recipe;

    /// <summary>Lays the model out.</summary>
    /// <param name="recipe">A recipe whose model is a decoder.</param>
    /// <param name="device">Where it runs.</param>
    public DecoderArchitecture(Recipe recipe, torch.Device device)
    {
        var options = (SequenceModelOptions)recipe.Model;
        _recipe = recipe;
        _layout = new DecoderLayout(options.Shape);
        _decoder = new Decoder(options.Shape, options.Context, device);
        LargestActivation = Decoder.TrainingFloats(options.Shape, options.Context);
    }

    /// <summary>How recipes become models of this kind.</summary>
    public static ArchitectureKind Kind { get; } = new()
    {
        Kind = ModelKinds.BuiltIn.Decoder,
        Build = (recipe, device) => new DecoderArchitecture(recipe, device),
        Published = recipe => new DecoderLayout(((DecoderOptions)recipe.Model).Shape).Specs,
        Family = (recipe, device) => new PlainDecoders((DecoderOptions)recipe.Model, recipe.Training.Precision, device),
    };

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _layout.Specs;

    /// <inheritdoc/>
    public override long LargestActivation { get; }

    /// <inheritdoc/>
    public override torch.Tensor Logits(ParameterSet weights, Batch batch) => _decoder.NextTokens(new PlainWeights(_layout, weights, _recipe.Training.Precision), (WindowBatch)batch);

    /// <inheritdoc/>
    public override IEnumerable<KnownOperation> Operations(int items)
    {
        var model = (SequenceModelOptions)_recipe.Model;
        return Decoder.Operations(model.Shape, PartOf(_recipe, items), model.Context, _recipe.Training.Precision);
    }

    /// <inheritdoc/>
    public override Batch CreateBatch(int capacity, torch.Device device) => WindowsOf(_recipe, capacity, device);

    /// <inheritdoc/>
    public override void LoadStart(ParameterSet weights)
    {
        if (_recipe.Model is SequenceModelOptions { Base: not null })
        {
            FrozenBase.Load(_recipe, weights);
        }
    }

    /// <inheritdoc/>
    internal override TensorSteps CreateSteps(int batchSize, torch.Device device) => WindowSteps.Of(WindowsOf(_recipe, batchSize, device), ((SequenceModelOptions)_recipe.Model).Context);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _decoder.Dispose();
    }

    /// <summary>A batch of windows as a recipe declares them.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="windows">Most windows of a step.</param>
    /// <param name="device">Where the model runs.</param>
    internal static WindowBatch WindowsOf(Recipe recipe, int windows, torch.Device device)
    {
        var model = (SequenceModelOptions)recipe.Model;
        return new WindowBatch(model.Vocabulary, model.Context, windows, PartOf(recipe, windows), device);
    }

    /// <summary>Windows of a step that are computed at a time.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="windows">Windows of a step.</param>
    internal static int PartOf(Recipe recipe, int windows)
    {
        // Decide by the recipe: how many windows are computed at a time decides bits.
        const long MostFloats = 128L * 1024 * 1024;
        var model = (SequenceModelOptions)recipe.Model;
        var part = recipe.Training.MicroBatch > 0 ? recipe.Training.MicroBatch : (int)Math.Clamp(MostFloats / Decoder.TrainingFloats(model.Shape, model.Context), 1, windows);
        return Math.Min(part, windows);
    }
}
