using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>Constituents that are computed together: some of the ensemble, or all.</summary>
/// <param name="family">The computation.</param>
/// <param name="weights">Their weights.</param>
/// <param name="count">How many they are.</param>
/// <param name="owned">Copies of weights that the group disposes of.</param>
/// <remarks>Shapes: S constituents, B sequences, N = S · B, T positions, W width, V vocabulary.</remarks>
internal sealed class DecoderGroup(DecoderFamily family, DecoderWeights weights, int count, IDisposable? owned = null) : IDisposable
{
    /// <summary>How many constituents there are.</summary>
    public int Count => count;

    /// <summary>Cuts an ensemble into groups.</summary>
    /// <param name="family">The computation.</param>
    /// <param name="members">Weights of the constituents.</param>
    /// <param name="size">Largest number of constituents in a group. A single constituent uses its own weights, without a copy.</param>
    public static IReadOnlyList<DecoderGroup> Cut(DecoderFamily family, IEnumerable<ParameterSet> members, int size) =>
        [.. members.Chunk(size).Select(group => Of(family, group))];

    /// <summary>One model whose weights are the means of those of others.</summary>
    /// <param name="family">The computation.</param>
    /// <param name="members">Weights of the constituents, at least one; all started from one state.</param>
    /// <param name="device">Where the model runs.</param>
    /// <remarks>Weights of fine-tuned models: Wortsman et al. 2022 (uniform soups).</remarks>
    public static DecoderGroup Mean(DecoderFamily family, IReadOnlyList<ParameterSet> members, torch.Device device)
    {
        var mean = new ParameterSet(family.Parameters, device);
        foreach (var member in members)
        {
            mean.Values.AddScaled(member.Values, 1.0 / members.Count);
        }

        return new DecoderGroup(family, family.Alone(mean), 1, mean);
    }

    /// <summary>The state of every position under every constituent.</summary>
    /// <param name="tokens_BT">Token numbers, which all constituents read.</param>
    /// <param name="attention">The positions to which each position of the N sequences attends.</param>
    /// <param name="from">Position of the first token.</param>
    /// <returns>x_NTW, in the current dispose scope.</returns>
    public torch.Tensor Hidden(torch.Tensor tokens_BT, DecoderAttention attention, long from = 0) => family.Decoder.Hidden(weights, tokens_BT, attention, from);

    /// <summary>The distribution of the token that follows each position.</summary>
    /// <param name="x_STW">States of positions, constituent by constituent.</param>
    /// <returns>Log-probabilities [S, T, V], in the current dispose scope.</returns>
    public torch.Tensor LogProbabilities(torch.Tensor x_STW)
    {
        using var scope = torch.NewDisposeScope();
        return weights.Head(x_STW).log_softmax(-1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => owned?.Dispose();

    private static DecoderGroup Of(DecoderFamily family, ParameterSet[] members)
    {
        if (members.Length == 1)
        {
            return new DecoderGroup(family, family.Alone(members[0]), 1);
        }

        var stacked = family.Stack(members);
        return new DecoderGroup(family, stacked, members.Length, stacked as IDisposable);
    }
}
