using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Native;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Models.Text;

/// <summary>Pre-norm transformer encoder with learnt positions, mean over an item's tokens, linear layer.</summary>
/// <remarks>Vaswani et al. 2017; normalisation before each block: Xiong et al. 2020. Shapes: B items, L positions (the longest item
/// of the batch), W width, N heads, D width of a head, C classes. Attention is written out, since fused attention has no
/// deterministic gradient on CUDA.</remarks>
internal sealed class EncoderArchitecture : Architecture
{
    // Finite, so that an item without tokens attends evenly to padding, which the mean then leaves out, instead of giving NaN.
    private const double Masked = -1e9;

    private const int FeedForwardFactor = 4;

    private readonly ParameterList _parameters = new();
    private readonly FeatureLayout _layout;
    private readonly int _embedding;
    private readonly int _positions;
    private readonly Block[] _blocks;
    private readonly NormLayer _norm;
    private readonly LinearLayer _output;
    private readonly int _width;
    private readonly int _heads;

    /// <summary>Lays the model out.</summary>
    /// <param name="options">Width, layers and heads.</param>
    /// <param name="layout">Layout of the tokens.</param>
    /// <param name="classes">Number of labels.</param>
    public EncoderArchitecture(TextClassifierOptions options, FeatureLayout layout, int classes)
    {
        (_layout, _width, _heads) = (layout, options.Width, options.Heads);
        _embedding = _parameters.Table("embedding", layout.Vocabulary, _width);
        _positions = _parameters.Table("positions", layout.Length, _width);
        _blocks = new Block[options.Layers];
        for (var i = 0; i < _blocks.Length; i++)
        {
            var name = ParameterList.Numbered("layers", i);
            _blocks[i] = new Block(
                _parameters.Norm(name + ".attention.norm", _width),
                _parameters.Linear(name + ".attention.input", _width, 3L * _width),
                _parameters.Linear(name + ".attention.output", _width, _width),
                _parameters.Norm(name + ".feedforward.norm", _width),
                _parameters.Linear(name + ".feedforward.input", _width, (long)FeedForwardFactor * _width),
                _parameters.Linear(name + ".feedforward.output", (long)FeedForwardFactor * _width, _width));
        }

        _norm = _parameters.Norm("norm", _width);
        _output = _parameters.Linear("output", _width, classes);
        LargestActivation = Math.Max(layout.Length * Math.Max((long)_heads * layout.Length, (long)FeedForwardFactor * _width), classes);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => _parameters.Specs;

    /// <inheritdoc/>
    public override long LargestActivation { get; }

    /// <inheritdoc/>
    public override torch.Tensor Logits(ParameterSet weights, Batch batch)
    {
        var tokens = (PaddedBatch)batch;
        var (items, length) = ((long)tokens.Count, tokens.Tokens_BL.shape[1]);
        var mask_BL = tokens.Mask_BL;
        var padding_B11L = mask_BL.Plus(-1).Times(-Masked).view(items, 1, 1, length);
        var x_BLW = weights.Lookup(_embedding, tokens.Tokens_BL.view(-1)).view(items, length, _width).Sum(weights[_positions].narrow(0, 0, length));
        foreach (var block in _blocks)
        {
            x_BLW = x_BLW.Sum(Attend(weights, block, block.AttentionNorm.Apply(weights, x_BLW), padding_B11L));
            var inner_BLW = functional.gelu(block.FeedForwardInput.Apply(weights, block.FeedForwardNorm.Apply(weights, x_BLW)));
            x_BLW = x_BLW.Sum(block.FeedForwardOutput.Apply(weights, inner_BLW));
        }

        var sum_BW = (_norm.Apply(weights, x_BLW) * mask_BL.unsqueeze(2)).sum(1);
        return _output.Apply(weights, sum_BW * tokens.InverseLengths_B1);
    }

    /// <inheritdoc/>
    public override IEnumerable<KnownOperation> Operations(int items)
    {
        var (length, classes) = ((long)_layout.Length, Parameters[_output.Bias].Count);
        var (rows, heads, headWidth) = (items * length, (long)items * _heads, (long)_width / _heads);
        return
        [
            LinearOperation.Of(rows, _width, 3L * _width),
            LinearOperation.Of(rows, _width, _width),
            LinearOperation.Of(rows, _width, (long)FeedForwardFactor * _width),
            LinearOperation.Of(rows, (long)FeedForwardFactor * _width, _width),
            BatchedProductOperation.Of(heads, length, headWidth, length, transposed: true),
            BatchedProductOperation.Of(heads, length, length, headWidth, transposed: false),
            SoftmaxOperation.Of(heads * length, length),
            NormOperation.Of(rows, _width),
            LinearOperation.Of(items, _width, classes),
            CrossEntropyOperation.Of(items, classes),
        ];
    }

    /// <inheritdoc/>
    public override Batch CreateBatch(int capacity, torch.Device device) => new PaddedBatch(_layout, capacity, device);

    private torch.Tensor Attend(ParameterSet weights, Block block, torch.Tensor x_BLW, torch.Tensor padding_B11L)
    {
        var (items, length, head) = (x_BLW.shape[0], x_BLW.shape[1], _width / _heads);
        var all_3BNLD = block.AttentionInput.Apply(weights, x_BLW).view(items, length, 3, _heads, head).permute(2, 0, 3, 1, 4);
        var (query_BNLD, key_BNLD, value_BNLD) = (all_3BNLD[0], all_3BNLD[1], all_3BNLD[2]);
        var scores_BNLL = query_BNLD.matmul(key_BNLD.transpose(2, 3)).Times(1 / Math.Sqrt(head)).Sum(padding_B11L);
        var mixed_BNLD = scores_BNLL.softmax(-1).matmul(value_BNLD);
        return block.AttentionOutput.Apply(weights, mixed_BNLD.transpose(1, 2).reshape(items, length, _width));
    }

    private readonly record struct Block(
        NormLayer AttentionNorm,
        LinearLayer AttentionInput,
        LinearLayer AttentionOutput,
        NormLayer FeedForwardNorm,
        LinearLayer FeedForwardInput,
        LinearLayer FeedForwardOutput);
}
