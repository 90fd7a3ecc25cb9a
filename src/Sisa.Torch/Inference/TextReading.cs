using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>The state of the constituents after reading a text, and their expectations of the next token.</summary>
/// <remarks>
/// A text longer than the model's context is read from its newest tokens, as many as the context has, again at every token: what they expect is always that of those tokens alone. Shapes: S constituents of a
/// group, T tokens read now, P positions, W width, V vocabulary. Not thread-safe.
/// </remarks>
internal sealed class TextReading : IDisposable
{
    private const long MostFloats = 16L * 1024 * 1024;

    private readonly DecoderFamily _family;
    private readonly IReadOnlyList<DecoderGroup> _groups;
    private readonly CachedAttention[] _caches;
    private readonly List<int> _tokens = [];
    private readonly torch.Device _device;

    /// <summary>Starts a text.</summary>
    /// <param name="family">The computation.</param>
    /// <param name="groups">The constituents, which must not change while this is in use.</param>
    /// <param name="device">Where the models run.</param>
    public TextReading(DecoderFamily family, IReadOnlyList<DecoderGroup> groups, torch.Device device)
    {
        (_family, _groups, _device) = (family, groups, device);
        _caches = [.. groups.Select(_ => new CachedAttention(family.Shape.Layers, family.Context))];
        Constituents = groups.Sum(group => group.Count);
        Next = new float[(long)Constituents * family.Shape.Vocabulary];
    }

    /// <summary>Number of constituents.</summary>
    public int Constituents { get; }

    /// <summary>Log-probabilities of every token number behind what was read: [constituents, vocabulary], row-major. Written over by the next reading.</summary>
    public float[] Next { get; }

    /// <summary>Whether keys and values of what was read are kept; without them everything is read again at every token, which gives the same.</summary>
    public bool KeepsCache { get; init; } = true;

    /// <summary>Reads on.</summary>
    /// <param name="tokens">At least one token number, each below the vocabulary.</param>
    /// <param name="observe">Called, where it is given, for every token of <paramref name="tokens"/> but the first, in order, with its log-probability under each constituent; of those
    /// beyond the context only for the newest.</param>
    public void Read(ReadOnlySpan<int> tokens, Action<float[]>? observe = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        _tokens.AddRange(tokens);
        if (_tokens.Count > _family.Context || !KeepsCache)
        {
            foreach (var cache in _caches)
            {
                cache.Clear();
            }
        }

        var from = _caches[0].Used;
        int[] fresh = from > 0 ? tokens.ToArray() : [.. _tokens.TakeLast(_family.Context)];
        var expected = observe is null ? [] : new float[Constituents * (fresh.Length - 1)];
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var tokens_1T = torch.tensor(fresh, torch.int64).to(_device).view(1, -1);
        var row = 0;
        for (var g = 0; g < _groups.Count; g++)
        {
            using var groupScope = torch.NewDisposeScope();
            var group = _groups[g];
            var x_STW = group.Hidden(tokens_1T, _caches[g], from);
            _caches[g].Advance(fresh.Length);
            var next_SV = group.LogProbabilities(x_STW.narrow(1, fresh.Length - 1, 1)).cpu().contiguous();
            ParameterSet.Memory(next_SV).CopyTo(Next.AsSpan(row * _family.Shape.Vocabulary));
            if (expected.Length > 0)
            {
                Expected(group, x_STW, tokens_1T, expected.AsSpan(row * (fresh.Length - 1)));
            }

            row += group.Count;
        }

        for (var t = 0; observe is not null && t < fresh.Length - 1; t++)
        {
            observe([.. Enumerable.Range(0, Constituents).Select(c => expected[(c * (fresh.Length - 1)) + t])]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var cache in _caches)
        {
            cache.Dispose();
        }
    }

    // Log-probabilities of the tokens behind the first under the constituents of a group: [S, T − 1].
    private void Expected(DecoderGroup group, torch.Tensor x_STW, torch.Tensor tokens_1T, Span<float> expected)
    {
        var count = (int)tokens_1T.shape[1] - 1;
        var most = (int)Math.Clamp(MostFloats / ((long)group.Count * _family.Shape.Vocabulary), 1, int.MaxValue);
        for (var from = 0; from < count; from += most)
        {
            using var scope = torch.NewDisposeScope();
            var part = Math.Min(most, count - from);
            var targets_SP1 = tokens_1T.narrow(1, from + 1, part).view(1, part, 1).expand(group.Count, part, 1);
            var chosen_SP = group.LogProbabilities(x_STW.narrow(1, from, part)).gather(2, targets_SP1).cpu().contiguous();
            for (var s = 0; s < group.Count; s++)
            {
                ParameterSet.Memory(chosen_SP).Slice(s * part, part).CopyTo(expected[((s * count) + from)..]);
            }
        }
    }
}
