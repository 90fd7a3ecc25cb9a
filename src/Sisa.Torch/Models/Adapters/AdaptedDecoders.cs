using Sisa.Models;
using Sisa.Torch.Inference;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models.Adapters;

/// <summary>Adapters of one frozen base, as they answer: the base is in memory once.</summary>
internal sealed class AdaptedDecoders(AdapterOptions model, Recipe recipe, torch.Device device) : DecoderFamily(model, device)
{
    private readonly AdapterLayout _layout = new(model, classes: 0);
    private readonly DecoderWeights _base = FrozenBase.Of(recipe, device).Weights(recipe.Training.Precision);

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _layout.Specs;

    /// <inheritdoc/>
    public override DecoderWeights Alone(ParameterSet member) => new AdapterWeights(_base, model, _layout, member);

    /// <inheritdoc/>
    public override DecoderWeights Stack(IReadOnlyList<ParameterSet> members) => new StackedAdapters(_base, model, _layout, members);
}
