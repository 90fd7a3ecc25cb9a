using Sisa.Aggregation;
using Sisa.Corpora;
using Sisa.Serving.Bundles;
using Sisa.Sharding;
using Sisa.Torch.Inference;

namespace Sisa.Serving.Answering;

/// <summary>The data of an item between reading and answering.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Label">Index of its label, or −1.</param>
/// <param name="Features">Its encoded features.</param>
public sealed record Question(string Id, int Label, byte[] Features)
{
    /// <summary>Copies what is kept.</summary>
    /// <param name="item">The item; its features are copied, since a reader reuses its buffers.</param>
    public static Question Of(Item item) => new(item.Id, item.Label, item.Features.ToArray());
}

/// <summary>Asks every constituent and joins the answers, batch by batch.</summary>
/// <param name="bundle">Where the constituents come from.</param>
/// <param name="rule">How answers are joined.</param>
/// <param name="device">Where they are computed, or <see langword="null"/> for where the recipe trains.</param>
/// <remarks>Not thread-safe.</remarks>
public sealed class Answerer(IBundleSource bundle, AggregationRule rule, string? device = null) : IDisposable
{
    private readonly EnsembleModel _ensemble = ServingDevice.Create(bundle.Recipe, device, recipe => new EnsembleModel(recipe));
    private float[] _all = [];

    /// <summary>Items a batch.</summary>
    public const int BatchSize = 256;

    /// <summary>Epoch of the bundle that gave the last answers.</summary>
    public long Epoch { get; private set; }

    /// <summary>Shards that gave the last answers.</summary>
    public IReadOnlyList<ShardId> Shards { get; private set; } = [];

    /// <summary>Answers a batch, after a look at what is served now.</summary>
    /// <param name="batch">The items.</param>
    /// <param name="answer">Called for each item with its number, the probabilities of each constituent [constituents × classes], the joined
    /// probabilities and the chosen class.</param>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    public void Answer(IReadOnlyList<Question> batch, AnswerHandler answer)
    {
        Epoch = bundle.Refresh(_ensemble);
        Shards = _ensemble.Shards;
        var (constituents, classes) = (Shards.Count, _ensemble.Classes);
        var needed = constituents * batch.Count * classes;
        _all = _all.Length >= needed ? _all : new float[needed];
        var all = _all.AsSpan(0, needed);
        _ensemble.Probabilities([.. batch.Select(q => (ReadOnlyMemory<byte>)q.Features)], all);
        var own = new float[constituents * classes];
        var joined = new float[classes];
        for (var item = 0; item < batch.Count; item++)
        {
            for (var c = 0; c < constituents; c++)
            {
                all.Slice(((c * batch.Count) + item) * classes, classes).CopyTo(own.AsSpan(c * classes));
            }

            var chosen = Aggregator.Join(rule, own, joined);
            answer(item, own, joined, chosen);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ensemble.Dispose();
}

/// <summary>Takes the answer to one item.</summary>
/// <param name="item">Its number in the batch.</param>
/// <param name="constituents">Probabilities that each constituent gives [constituents × classes]; valid during the call.</param>
/// <param name="joined">The joined probabilities [classes]; valid during the call.</param>
/// <param name="chosen">Index of the chosen class.</param>
public delegate void AnswerHandler(int item, ReadOnlySpan<float> constituents, ReadOnlySpan<float> joined, int chosen);
