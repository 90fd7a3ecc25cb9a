using Sisa.Aggregation;
using Sisa.Serving.Bundles;
using Sisa.Sharding;
using Sisa.Torch.Inference;

namespace Sisa.Serving.Answering;

/// <summary>Asks every constituent that is a language model what it makes of texts, batch by batch.</summary>
/// <param name="bundle">Where the constituents come from.</param>
/// <param name="device">Where scores are computed, or <see langword="null"/> for where the recipe trains.</param>
/// <remarks>Not thread-safe.</remarks>
public sealed class TextScorer(IBundleSource bundle, string? device) : IDisposable
{
    /// <summary>Most texts a batch.</summary>
    public const int BatchSize = 256;

    /// <summary>Bytes of tokens after which a batch ends.</summary>
    public const long BatchBytes = 1 << 20;

    private readonly LanguageEnsemble _ensemble = ServingDevice.Create(bundle.Recipe, device, recipe => new LanguageEnsemble(recipe));

    /// <summary>Epoch of the bundle that gave the last scores.</summary>
    public long Epoch { get; private set; }

    /// <summary>Shards that gave the last scores.</summary>
    public IReadOnlyList<ShardId> Shards { get; private set; } = [];

    /// <summary>Looks at what is served now; scores come from that until the next look.</summary>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    public void Refresh()
    {
        Epoch = bundle.Refresh(_ensemble);
        Shards = _ensemble.Shards;
    }

    /// <summary>Scores a batch.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="rules">The rules under which answers are joined.</param>
    public IReadOnlyList<DocumentScore> Score(IReadOnlyList<Passage> batch, params IReadOnlyCollection<AggregationRule> rules) =>
        _ensemble.Score([.. batch.Select(passage => (ReadOnlyMemory<byte>)passage.Tokens)], rules);

    /// <inheritdoc/>
    public void Dispose() => _ensemble.Dispose();
}
