using Sisa.Aggregation;
using Sisa.Serving.Bundles;
using Sisa.Sharding;
using Sisa.Torch.Inference;

namespace Sisa.Serving.Answering;

/// <summary>Asks every constituent that is a language model what it makes of texts, batch by batch.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class TextScorer : IDisposable
{
    /// <summary>Most texts a batch.</summary>
    public const int BatchSize = 256;

    /// <summary>Bytes of tokens after which a batch ends.</summary>
    public const long BatchBytes = 1 << 20;

    private readonly IBundleSource _bundle;
    private readonly LanguageEnsemble _ensemble;
    private readonly LanguageEnsemble? _owned;

    /// <summary>Prepares an ensemble.</summary>
    /// <param name="bundle">Where the constituents come from.</param>
    /// <param name="device">Where scores are computed, or <see langword="null"/> for where the recipe trains.</param>
    public TextScorer(IBundleSource bundle, string? device)
        : this(bundle, Create(bundle, device)) => _owned = _ensemble;

    /// <summary>Scores with an ensemble that is made already.</summary>
    /// <param name="bundle">Where the constituents come from.</param>
    /// <param name="ensemble">The ensemble. The caller keeps it, and disposes of it.</param>
    internal TextScorer(IBundleSource bundle, LanguageEnsemble ensemble) => (_bundle, _ensemble) = (bundle, ensemble);

    /// <summary>Epoch of the bundle that gave the last scores.</summary>
    public long Epoch { get; private set; }

    /// <summary>Shards that gave the last scores.</summary>
    public IReadOnlyList<ShardId> Shards { get; private set; } = [];

    /// <summary>Looks at what is served now; scores come from that until the next look.</summary>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    public void Refresh()
    {
        Epoch = _bundle.Refresh(_ensemble);
        Shards = _ensemble.Shards;
    }

    /// <summary>Scores a batch.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="rules">The rules under which answers are joined.</param>
    public IReadOnlyList<DocumentScore> Score(IReadOnlyList<Passage> batch, params IReadOnlyCollection<AggregationRule> rules) =>
        _ensemble.Score([.. batch.Select(passage => (ReadOnlyMemory<byte>)passage.Tokens)], rules);

    /// <summary>An ensemble of language models on a device.</summary>
    internal static LanguageEnsemble Create(IBundleSource bundle, string? device)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        return ServingDevice.Create(bundle.Recipe, device, recipe => new LanguageEnsemble(recipe));
    }

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();
}
