using Sisa.Models;

namespace Sisa.Torch.Models.Decoders;

/// <summary>The parameters of a decoder, and where each is among them.</summary>
/// <remarks>The names are those of open-weights files, except that queries, keys and values are one matrix, and gates and ups are one: the rows of one behind those of the
/// other, as the fused layers of Phi-3 have them; files for others have them apart (<see cref="ParameterSpec.Published"/>). Weights start uniform within ±1/√fanIn; those that write to the residual stream are smaller by √(2 · layers) (Radford et al.
/// 2019, section 2.3).</remarks>
internal sealed class DecoderLayout
{
    private readonly ParameterList _parameters = new();
    private readonly Block[] _blocks;

    /// <summary>Lays the parameters out.</summary>
    /// <param name="shape">Sizes of the decoder.</param>
    public DecoderLayout(DecoderShape shape)
    {
        Shape = shape;
        Embedding = _parameters.Table("model.embed_tokens", shape.Vocabulary, shape.Width);
        _blocks = new Block[shape.Layers];
        var shrink = Math.Sqrt(2.0 * shape.Layers);
        for (var i = 0; i < _blocks.Length; i++)
        {
            var name = ParameterList.Numbered("model.layers", i);
            var attention = name + ".self_attn.";
            PublishedRows[] Heads(string kind) =>
            [
                new($"{attention}q_proj.{kind}", (long)shape.Heads * shape.HeadWidth),
                new($"{attention}k_proj.{kind}", (long)shape.KeyValueHeads * shape.HeadWidth),
                new($"{attention}v_proj.{kind}", (long)shape.KeyValueHeads * shape.HeadWidth),
            ];
            _blocks[i] = new Block(
                _parameters.Gain(name + ".input_layernorm", shape.Width),
                _parameters.Matrix(attention + "qkv_proj", shape.Width, shape.QueryKeyValueWidth, published: Heads("weight")),
                shape.AttentionBias ? _parameters.Shift(attention + "qkv_proj", shape.QueryKeyValueWidth, Heads("bias")) : -1,
                _parameters.Matrix(attention + "o_proj", (long)shape.Heads * shape.HeadWidth, shape.Width, shrink),
                _parameters.Gain(name + ".post_attention_layernorm", shape.Width),
                _parameters.Matrix(name + ".mlp.gate_up_proj", shape.Width, 2L * shape.Hidden, published: [new(name + ".mlp.gate_proj.weight", shape.Hidden), new(name + ".mlp.up_proj.weight", shape.Hidden)]),
                _parameters.Matrix(name + ".mlp.down_proj", shape.Hidden, shape.Width, shrink));
        }

        FinalNorm = _parameters.Gain("model.norm", shape.Width);
        Head = shape.TieEmbeddings ? Embedding : _parameters.Matrix("lm_head", shape.Width, shape.Vocabulary);
    }

    /// <summary>Sizes of the decoder.</summary>
    public DecoderShape Shape { get; }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<ParameterSpec> Specs => _parameters.Specs;

    /// <summary>Index of the table of embeddings [vocabulary, width].</summary>
    public int Embedding { get; }

    /// <summary>Index of the last norm's gains.</summary>
    public int FinalNorm { get; }

    /// <summary>Index of the output matrix [vocabulary, width].</summary>
    public int Head { get; }

    /// <summary>Index of the gains of a layer's norm.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="norm">Which of its norms.</param>
    public int Norm(int layer, DecoderNorm norm) => norm == DecoderNorm.Attention ? _blocks[layer].AttentionNorm : _blocks[layer].FeedForwardNorm;

    /// <summary>Indices of the matrix and the bias of a layer's product; −1 for no bias.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="product">Which one.</param>
    public (int Weight, int Bias) Product(int layer, DecoderProduct product)
    {
        var block = _blocks[layer];
        return product switch
        {
            DecoderProduct.QueryKeyValue => (block.QueryKeyValue, block.QueryKeyValueBias),
            DecoderProduct.AttentionOutput => (block.AttentionOutput, -1),
            DecoderProduct.GateUp => (block.GateUp, -1),
            _ => (block.Down, -1),
        };
    }

    /// <summary>Indices of the parameters of one layer.</summary>
    /// <param name="AttentionNorm">Gains before the attention.</param>
    /// <param name="QueryKeyValue">Queries, keys and values.</param>
    /// <param name="QueryKeyValueBias">Their bias, or −1.</param>
    /// <param name="AttentionOutput">Output of the attention.</param>
    /// <param name="FeedForwardNorm">Gains before the feed-forward layer.</param>
    /// <param name="GateUp">Gates and ups.</param>
    /// <param name="Down">Output of the feed-forward layer.</param>
    private readonly record struct Block(int AttentionNorm, int QueryKeyValue, int QueryKeyValueBias, int AttentionOutput, int FeedForwardNorm, int GateUp, int Down);
}
