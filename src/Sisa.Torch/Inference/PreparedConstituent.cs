using Sisa.Sharding;
using Sisa.Torch.Models;

namespace Sisa.Torch.Inference;

/// <summary>A constituent that was read and checked beside the answering ones, and is ready to be adopted (<see cref="LoadedConstituents.Adopt"/>).</summary>
/// <remarks>Not thread-safe. Frees its weights unless they were adopted.</remarks>
public sealed class PreparedConstituent : IDisposable
{
    private ParameterSet? _weights;

    internal PreparedConstituent(ShardId shard, Digest digest, ParameterSet weights)
    {
        (Shard, Digest) = (shard, digest);
        _weights = weights;
    }

    /// <summary>Its shard.</summary>
    public ShardId Shard { get; }

    /// <summary>Digest of the file that it was read from.</summary>
    public Digest Digest { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights?.Dispose();
        _weights = null;
    }

    /// <summary>Hands the weights over.</summary>
    /// <exception cref="InvalidOperationException">They were handed over before, or freed.</exception>
    internal ParameterSet Take()
    {
        var weights = _weights ?? throw new InvalidOperationException("The constituent was adopted before, or freed.");
        _weights = null;
        return weights;
    }
}
