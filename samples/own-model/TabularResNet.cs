using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Readers.Recipes.Models;
using Sisa.Serving;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

/// <summary>What recipes say of the model: a residual network for rows of numbers.</summary>
public sealed record TabularResNet : ModelOptions, IModelDefinition
{
    public int Width { get; init; } = 16;

    public int Blocks { get; init; } = 2;

    public override long ParameterCount(Recipe recipe) =>
        Linear(FeatureLayout.Of(recipe).Length, Width) + (Blocks * 2 * Linear(Width, Width)) + Linear(Width, recipe.Labels.Count);

    public override long TensorCount(Recipe recipe) => 2 * (2 + (2 * Blocks));

    public override string Describe() => $"tabular-resnet, width {Width}, {Blocks} blocks";

    public static ModelKeys Keys(ModelKind kind) => new TabularResNetKeys(kind);

    public static ArchitectureKind Architecture(ModelKind kind) => new() { Kind = kind, Build = (recipe, _) => new ResidualNetwork((TabularResNet)recipe.Model, FeatureLayout.Of(recipe), recipe.Labels.Count) };
}

/// <summary>Its keys, with their ranges, and what must hold besides.</summary>
public sealed class TabularResNetKeys(ModelKind kind) : ModelKeys<TabularResNet>(kind)
{
    public override IReadOnlyList<RecipeKey> Keys =>
    [
        Key("width", new IntegerValue(1, 1024), "Width of the blocks.", m => m.Width, (m, v) => m with { Width = v }),
        Key("blocks", new IntegerValue(1, 32), "Number of blocks.", m => m.Blocks, (m, v) => m with { Blocks = v }),
    ];

    protected override void Check(TabularResNet model, Recipe recipe, RecipeFaults faults) =>
        faults.Rule(recipe.Features.Numbers.Count == 0, "model.kind", "found tabular-resnet without numbers; it needs features.numbers.", "features", "model");
}

/// <summary>How it is computed. Shapes: B items, F features, W width, C classes.</summary>
public sealed class ResidualNetwork : Architecture
{
    private readonly ParameterList _parameters = new();
    private readonly FeatureLayout _layout;
    private readonly LinearLayer _input;
    private readonly LinearLayer[] _blocks;
    private readonly LinearLayer _output;
    private readonly (int Width, int Classes) _sizes;

    public ResidualNetwork(TabularResNet options, FeatureLayout layout, int classes)
    {
        (_layout, _sizes) = (layout, (options.Width, classes));
        _input = _parameters.Linear("input", layout.Length, options.Width);
        _blocks = [.. Enumerable.Range(0, 2 * options.Blocks).Select(i => _parameters.Linear($"block.{i / 2}.{i % 2}", options.Width, options.Width))];
        _output = _parameters.Linear("output", options.Width, classes);
    }

    public override IReadOnlyList<ParameterSpec> Parameters => _parameters.Specs;

    public override long LargestActivation => Math.Max(_layout.Length, Math.Max(_sizes.Width, _sizes.Classes));

    public override torch.Tensor Logits(ParameterSet weights, Batch batch)
    {
        var hidden_BW = _input.Apply(weights, ((DenseBatch)batch).Features_BF);
        for (var block = 0; block < _blocks.Length; block += 2)
        {
            hidden_BW = hidden_BW + _blocks[block + 1].Apply(weights, _blocks[block].Apply(weights, hidden_BW).relu());
        }

        return _output.Apply(weights, hidden_BW);
    }

    public override IEnumerable<KnownOperation> Operations(int items) =>
    [
        LinearOperation.Of(items, _layout.Length, _sizes.Width), LinearOperation.Of(items, _sizes.Width, _sizes.Width), LinearOperation.Of(items, _sizes.Width, _sizes.Classes),
        CrossEntropyOperation.Of(items, _sizes.Classes),
    ];

    public override Batch CreateBatch(int capacity, torch.Device device) => new DenseBatch(_layout, capacity, device);
}
