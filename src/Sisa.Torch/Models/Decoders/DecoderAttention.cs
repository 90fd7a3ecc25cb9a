using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

/// <summary>The positions to which each position of a decoder attends.</summary>
/// <remarks>Shapes: N sequences, K heads of keys and values, G query heads of each, T positions that ask, U positions that are asked, D width of a head.</remarks>
internal abstract class DecoderAttention
{
    /// <summary>Attention of one layer.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="q_NKGTD">The queries.</param>
    /// <param name="k_NKTD">Keys of the same positions.</param>
    /// <param name="v_NKTD">Their values.</param>
    /// <returns>[N, K, G, T, D], in the current dispose scope.</returns>
    public abstract torch.Tensor Attend(int layer, torch.Tensor q_NKGTD, torch.Tensor k_NKTD, torch.Tensor v_NKTD);

    /// <summary>softmax(q · kᵀ / √D + mask) · v.</summary>
    /// <param name="q_NKGTD">The queries.</param>
    /// <param name="k_NKUD">The keys.</param>
    /// <param name="v_NKUD">The values.</param>
    /// <param name="mask">Added to the scores; [N or 1, 1, 1, T, U], or <see langword="null"/>.</param>
    protected static torch.Tensor Weigh(torch.Tensor q_NKGTD, torch.Tensor k_NKUD, torch.Tensor v_NKUD, torch.Tensor? mask)
    {
        var (n, k, g, t, d) = (q_NKGTD.shape[0], q_NKGTD.shape[1], q_NKGTD.shape[2], q_NKGTD.shape[3], q_NKGTD.shape[4]);
        var u = k_NKUD.shape[2];

        // All heads that share keys in one product: [N · K, G · T, U].
        var q = q_NKGTD.Times(1 / Math.Sqrt(d)).reshape(n * k, g * t, d);
        var scores = Products.Batched(q, k_NKUD.reshape(n * k, u, d).transpose(1, 2));
        if (mask is not null)
        {
            scores = scores.view(n, k, g, t, u).Sum(mask).view(n * k, g * t, u);
        }

        return Products.Batched(scores.softmax(-1), v_NKUD.reshape(n * k, u, d)).view(n, k, g, t, d);
    }
}

/// <summary>Attention within windows: to earlier positions of the same document.</summary>
internal sealed class WindowAttention : DecoderAttention
{
    private readonly torch.Tensor _mask_N11TT;

    /// <summary>Makes the mask, in the current dispose scope.</summary>
    /// <param name="documents_NT">Which document each position belongs to.</param>
    public WindowAttention(torch.Tensor documents_NT)
    {
        var (n, t) = (documents_NT.shape[0], documents_NT.shape[1]);
        var same_NTT = documents_NT.view(n, t, 1).eq(documents_NT.view(n, 1, t));
        var allowed_NTT = same_NTT.tril();

        // 0 where allowed, −∞ elsewhere: the logarithm of a truth value. Every position is allowed to attend to itself.
        _mask_N11TT = allowed_NTT.to_type(torch.float32).log().view(n, 1, 1, t, t);
    }

    /// <inheritdoc/>
    public override torch.Tensor Attend(int layer, torch.Tensor q_NKGTD, torch.Tensor k_NKTD, torch.Tensor v_NKTD) => Weigh(q_NKGTD, k_NKTD, v_NKTD, _mask_N11TT);
}
