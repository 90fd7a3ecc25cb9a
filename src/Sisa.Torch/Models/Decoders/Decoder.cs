using Sisa.Models;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Models.Decoders;

/// <summary>The computation of a decoder-only transformer: root-mean-square norms before each block, rotary positions, grouped-query attention, SwiGLU.</summary>
/// <remarks>
/// Llama: Touvron et al. 2023; norms: Zhang and Sennrich 2019; grouped queries: Ainslie et al. 2023; SwiGLU: Shazeer 2020. Shapes: N sequences, T positions, W width, H query heads, K
/// heads of keys and values, G = H / K, D width of a head, F width of the feed-forward layer. Holds no weights. Attention is written out, since fused
/// attention has no deterministic gradient on CUDA.
/// </remarks>
internal sealed class Decoder : IDisposable
{
    private readonly DecoderShape _shape;
    private readonly RotaryTable _positions;

    /// <summary>Prepares the positions.</summary>
    /// <param name="shape">Sizes of the decoder.</param>
    /// <param name="context">Most positions.</param>
    /// <param name="device">Where the model runs.</param>
    public Decoder(DecoderShape shape, int context, torch.Device device)
    {
        _shape = shape;
        _positions = new RotaryTable(context, shape.HeadWidth, shape.RopeTheta, device);
    }

    /// <summary>The state of every position behind the last norm.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="tokens_NT">Token numbers.</param>
    /// <param name="attention">The positions to which each position attends.</param>
    /// <param name="from">Position of the first token of every sequence.</param>
    /// <returns>x_NTW, in the current dispose scope.</returns>
    public torch.Tensor Hidden(DecoderWeights weights, torch.Tensor tokens_NT, DecoderAttention attention, long from = 0)
    {
        var x_NTW = weights.Embed(tokens_NT);
        for (var layer = 0; layer < _shape.Layers; layer++)
        {
            // Free the intermediate results of a layer before the next one. Autograd keeps what it needs.
            using var scope = torch.NewDisposeScope();
            x_NTW = Layer(weights, x_NTW, attention, layer, from).MoveToOuterDisposeScope();
        }

        return weights.FinalGain(Normalise(x_NTW, _shape.NormEpsilon));
    }

    /// <summary>Logits of every position of windows that predicts, each attending to earlier positions of its own document.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="windows">The windows.</param>
    /// <returns>logits_PV, in the current dispose scope.</returns>
    public torch.Tensor NextTokens(DecoderWeights weights, WindowBatch windows)
    {
        var x_PW = Hidden(weights, windows.Tokens_NT, new WindowAttention(windows.Documents_NT)).view(-1, _shape.Width);
        return weights.Head(windows.IsFull ? x_PW : x_PW.index_select(0, windows.Positions_P));
    }

    /// <summary>Floats of the activations of one window that training keeps until the backward pass, estimated from above.</summary>
    /// <param name="shape">Sizes of the decoder.</param>
    /// <param name="context">Tokens of a window.</param>
    public static long TrainingFloats(DecoderShape shape, int context)
    {
        var layer = (10L * shape.Width) + (4L * shape.QueryKeyValueWidth) + (5L * shape.Hidden) + (3L * shape.Heads * context);
        return context * ((shape.Layers * layer) + (3L * shape.Vocabulary) + (4L * shape.Width));
    }

    /// <summary>Upper estimate of the floats for answering one window, besides the logits.</summary>
    /// <param name="shape">Sizes of the decoder.</param>
    /// <param name="context">Tokens of a window.</param>
    public static long AnswerFloats(DecoderShape shape, int context)
    {
        var layer = (6L * shape.Width) + (4L * shape.QueryKeyValueWidth) + (5L * shape.Hidden) + (3L * shape.Heads * context);
        return context * (layer + ((long)shape.Layers * shape.Width));
    }

    /// <summary>Divides each row by the root of its mean square.</summary>
    /// <param name="x">[…, width].</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>As large as the input, in the current dispose scope.</returns>
    public static torch.Tensor Normalise(torch.Tensor x, double epsilon) => x * (x * x).mean([-1], keepdim: true).Plus(epsilon).rsqrt();

    /// <summary>The operations of a decoder whose answers are known, in the sizes of a step.</summary>
    /// <param name="shape">Sizes of the decoder.</param>
    /// <param name="windows">Windows, or texts, that are computed at a time.</param>
    /// <param name="context">Tokens of each.</param>
    /// <param name="precision">Numbers in which products are computed.</param>
    public static IEnumerable<KnownOperation> Operations(DecoderShape shape, int windows, int context, ComputePrecision precision)
    {
        var rows = (long)windows * context;
        var (pairs, queries) = ((long)windows * shape.KeyValueHeads, (long)shape.Heads / shape.KeyValueHeads * context);
        yield return LinearOperation.Of(rows, shape.Width, shape.QueryKeyValueWidth, shape.AttentionBias, precision);
        yield return LinearOperation.Of(rows, (long)shape.Heads * shape.HeadWidth, shape.Width, hasBias: false, precision);
        yield return LinearOperation.Of(rows, shape.Width, 2L * shape.Hidden, hasBias: false, precision);
        yield return LinearOperation.Of(rows, shape.Hidden, shape.Width, hasBias: false, precision);
        yield return LinearOperation.Of(rows, shape.Width, shape.Vocabulary, hasBias: false, precision);
        yield return BatchedProductOperation.Of(pairs, queries, shape.HeadWidth, context, transposed: true);
        yield return BatchedProductOperation.Of(pairs, queries, context, shape.HeadWidth, transposed: false);
        yield return SoftmaxOperation.Of(pairs * queries, context);
        yield return RootMeanSquareOperation.Of(rows, shape.Width, shape.NormEpsilon);
        yield return CrossEntropyOperation.Of(rows, shape.Vocabulary);
    }

    /// <inheritdoc/>
    public void Dispose() => _positions.Dispose();

    private torch.Tensor Layer(DecoderWeights weights, torch.Tensor x_NTW, DecoderAttention attention, int layer, long from)
    {
        var attended_NTI = Attend(weights.Multiply(weights.Gain(Normalise(x_NTW, _shape.NormEpsilon), layer, DecoderNorm.Attention), layer, DecoderProduct.QueryKeyValue), layer, attention, from);
        x_NTW = x_NTW.Sum(weights.Multiply(attended_NTI, layer, DecoderProduct.AttentionOutput));
        var inner_NT2F = weights.Multiply(weights.Gain(Normalise(x_NTW, _shape.NormEpsilon), layer, DecoderNorm.FeedForward), layer, DecoderProduct.GateUp);
        var gated_NTF = functional.silu(inner_NT2F.narrow(2, 0, _shape.Hidden)) * inner_NT2F.narrow(2, _shape.Hidden, _shape.Hidden);
        return x_NTW.Sum(weights.Multiply(gated_NTF, layer, DecoderProduct.Down));
    }

    private torch.Tensor Attend(torch.Tensor projected_NTI, int layer, DecoderAttention attention, long from)
    {
        var (sequences, length) = (projected_NTI.shape[0], projected_NTI.shape[1]);
        var (heads, keyHeads, width) = (_shape.Heads, _shape.KeyValueHeads, _shape.HeadWidth);
        var heads_NTHD = projected_NTI.view(sequences, length, heads + (2 * keyHeads), width);
        var turned_NTHD = _positions.Apply(heads_NTHD.narrow(2, 0, heads + keyHeads), from);
        var q_NKGTD = turned_NTHD.narrow(2, 0, heads).view(sequences, length, keyHeads, heads / keyHeads, width).permute(0, 2, 3, 1, 4);
        var k_NKTD = turned_NTHD.narrow(2, heads, keyHeads).transpose(1, 2);
        var v_NKTD = heads_NTHD.narrow(2, heads + keyHeads, keyHeads).transpose(1, 2);
        var out_NKGTD = attention.Attend(layer, q_NKGTD, k_NKTD, v_NKTD);
        return out_NKGTD.permute(0, 3, 1, 2, 4).reshape(sequences, length, (long)heads * width);
    }
}
