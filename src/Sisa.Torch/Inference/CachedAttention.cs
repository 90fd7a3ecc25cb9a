using Sisa.Torch.Models.Decoders;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>Attention to everything read so far, whose keys and values are kept, and to earlier positions of what is read now.</summary>
/// <remarks>Shapes: N sequences, K heads of keys and values, G query heads of each, T positions read now, U positions in all, D width of a head. Memory: 2 · layers · N · K · U · D floats,
/// doubled whenever they are too few. Not thread-safe.</remarks>
internal sealed class CachedAttention : DecoderAttention, IDisposable
{
    private const long FirstCapacity = 64;

    private readonly long _most;
    private readonly (torch.Tensor Keys, torch.Tensor Values)[] _layers;

    /// <summary>Starts without positions.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="most">Most positions.</param>
    public CachedAttention(int layers, long most) => (_layers, _most) = (new (torch.Tensor, torch.Tensor)[layers], most);

    /// <summary>Positions whose keys and values are kept.</summary>
    public long Used { get; private set; }

    /// <summary>Takes what was read into account, once all layers have seen it.</summary>
    /// <param name="positions">How many positions were read.</param>
    public void Advance(long positions) => Used += positions;

    /// <summary>Forgets everything that was read; memory is kept.</summary>
    public void Clear() => Used = 0;

    /// <inheritdoc/>
    public override torch.Tensor Attend(int layer, torch.Tensor q_NKGTD, torch.Tensor k_NKTD, torch.Tensor v_NKTD)
    {
        var length = k_NKTD.shape[2];
        var all = Used + length;
        Grow(ref _layers[layer].Keys, k_NKTD, all);
        Grow(ref _layers[layer].Values, v_NKTD, all);
        var (keys, values) = _layers[layer];
        keys.narrow(2, Used, length).copy_(k_NKTD);
        values.narrow(2, Used, length).copy_(v_NKTD);
        return Weigh(q_NKGTD, keys.narrow(2, 0, all), values.narrow(2, 0, all), length == 1 ? null : Mask(length, all, keys.device));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (keys, values) in _layers)
        {
            keys?.Dispose();
            values?.Dispose();
        }
    }

    // A position attends to all before what is read now, and there up to itself: 0 where allowed, −∞ elsewhere.
    private torch.Tensor Mask(long length, long all, torch.Device device) =>
        torch.ones(length, all, torch.float32, device).tril(Used).log().view(1, 1, 1, length, all);

    private void Grow(ref torch.Tensor cache, torch.Tensor like_NKTD, long needed)
    {
        if (cache is not null && cache.shape[2] >= needed)
        {
            return;
        }

        var capacity = Math.Min(_most, Math.Max(needed, cache is null ? FirstCapacity : 2 * cache.shape[2]));
        var shape = like_NKTD.shape;
        var larger = torch.zeros(shape[0], shape[1], capacity, shape[3], torch.float32, like_NKTD.device).DetachFromDisposeScope();
        if (cache is not null)
        {
            larger.narrow(2, 0, Used).copy_(cache.narrow(2, 0, Used));
            cache.Dispose();
        }

        cache = larger;
    }
}
