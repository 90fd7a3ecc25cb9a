using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Models.Text;

/// <summary>Mean of an item's token embeddings, layer normalisation, linear layer (fastText: Joulin et al. 2017, with a norm).</summary>
/// <remarks>Shapes: B items, T tokens of all items one after another, W width, V vocabulary, C classes. An item without tokens has
/// zeros for a mean.</remarks>
internal sealed class EmbeddingBagArchitecture : Architecture
{
    private readonly ParameterList _parameters = new();
    private readonly FeatureLayout _layout;
    private readonly int _embedding;
    private readonly NormLayer _norm;
    private readonly LinearLayer _output;
    private readonly int _width;

    /// <summary>Lays the model out.</summary>
    /// <param name="options">Width.</param>
    /// <param name="layout">Layout of the tokens.</param>
    /// <param name="classes">Number of labels.</param>
    public EmbeddingBagArchitecture(TextClassifierOptions options, FeatureLayout layout, int classes)
    {
        (_layout, _width) = (layout, options.Width);
        _embedding = _parameters.Table("embedding", layout.Vocabulary, _width);
        _norm = _parameters.Norm("norm", _width);
        _output = _parameters.Linear("output", _width, classes);
        LargestActivation = Math.Max((long)layout.Length * _width, classes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _parameters.Specs;

    /// <inheritdoc/>
    public override long LargestActivation { get; }

    /// <inheritdoc/>
    public override torch.Tensor Logits(ParameterSet weights, Batch batch)
    {
        var tokens = (BagBatch)batch;
        var rows_TW = weights.Lookup(_embedding, tokens.Tokens_T);
        var sum_BW = torch.zeros(tokens.Count, _width, torch.float32, rows_TW.device).WithRowsAdded(tokens.Items_T, rows_TW);
        var mean_BW = sum_BW * tokens.InverseLengths_B1;
        return _output.Apply(weights, _norm.Apply(weights, mean_BW));
    }

    /// <inheritdoc/>
    public override IEnumerable<KnownOperation> Operations(int items)
    {
        var classes = Parameters[_output.Bias].Count;
        return [NormOperation.Of(items, _width), LinearOperation.Of(items, _width, classes), CrossEntropyOperation.Of(items, classes)];
    }

    /// <inheritdoc/>
    public override Batch CreateBatch(int capacity, torch.Device device) => new BagBatch(_layout, capacity, device);
}
