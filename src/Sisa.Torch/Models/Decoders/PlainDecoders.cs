using Sisa.Models;
using Sisa.Torch.Inference;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

/// <summary>Decoders that were trained whole, as they answer: each has all weights of its own.</summary>
internal sealed class PlainDecoders(DecoderOptions model, ComputePrecision precision, torch.Device device) : DecoderFamily(model, device)
{
    private readonly DecoderLayout _layout = new(model.Shape);

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _layout.Specs;

    /// <inheritdoc/>
    public override DecoderWeights Alone(ParameterSet member) => new PlainWeights(_layout, member, precision);

    /// <inheritdoc/>
    public override DecoderWeights Stack(IReadOnlyList<ParameterSet> members) => new StackedWeights(_layout, members, precision);
}
