using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Extending.Tests.Toy;

/// <summary>How a toy is computed. Shapes: B items, F features, W waist, C classes.</summary>
public sealed class ToyArchitecture : Architecture
{
    private readonly ParameterList _parameters = new();
    private readonly FeatureLayout _layout;
    private readonly LinearLayer _waist;
    private readonly LinearLayer _output;
    private readonly (int Waist, int Classes) _sizes;

    public ToyArchitecture(ToyOptions options, FeatureLayout layout, int classes)
    {
        (_layout, _sizes) = (layout, (options.Waist, classes));
        _waist = _parameters.Linear("waist", layout.Length, options.Waist);
        _output = _parameters.Linear("output", options.Waist, classes);
    }

    public override IReadOnlyList<ParameterSpec> Parameters => _parameters.Specs;

    public override long LargestActivation => Math.Max(_layout.Length, _sizes.Classes);

    public static ArchitectureKind Describe(ModelKind kind) => new()
    {
        Kind = kind,
        Build = (recipe, _) => new ToyArchitecture((ToyOptions)recipe.Model, FeatureLayout.Of(recipe), recipe.Labels.Count),
    };

    public override torch.Tensor Logits(ParameterSet weights, Batch batch) =>
        _output.Apply(weights, _waist.Apply(weights, ((DenseBatch)batch).Features_BF).tanh());

    public override IEnumerable<KnownOperation> Operations(int items) =>
    [
        LinearOperation.Of(items, _layout.Length, _sizes.Waist), LinearOperation.Of(items, _sizes.Waist, _sizes.Classes), CrossEntropyOperation.Of(items, _sizes.Classes),
    ];

    public override Batch CreateBatch(int capacity, torch.Device device) => new DenseBatch(_layout, capacity, device);
}
