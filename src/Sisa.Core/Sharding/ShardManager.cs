using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Sisa.Training;

namespace Sisa.Sharding;

/// <summary>Assigns items to shards and slices by their own declared fields and the assignment key only (rule E1).</summary>
/// <remarks>Not thread-safe: it keeps one keyed hash and one buffer for reuse, which is three times as fast as making one an item. Never looks at other items: no balancing, no arrival order, no clustering.
/// The shard is HMAC-SHA256(κ, subject) scaled onto the shards of the item's risk class; the slice is another word of the
/// same value scaled onto the slices of the class (<see cref="PlacementRule"/>), or the position of the item's batch in the declared list.</remarks>
public sealed class ShardManager : IDisposable
{
    private readonly IncrementalHash _hash;
    private readonly ArrayBufferWriter<byte> _subject = new();
    private readonly EnsembleOptions _options;
    private readonly Dictionary<string, int> _batches;
    private readonly PlacementRule _rule;

    /// <summary>Creates the rule for one ensemble.</summary>
    /// <param name="key">The assignment key κ.</param>
    /// <param name="options">Number of shards and slices, risk classes and batches; validated with the recipe.</param>
    public ShardManager(AssignmentKey key, EnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.AssignmentBytes);
        _options = options;
        _rule = new PlacementRule(options);
        _batches = options.Batches.Select((name, i) => (name, i)).ToDictionary(b => b.name, b => b.i + 1, StringComparer.Ordinal);
    }

    /// <summary>Every shard and slice of the ensemble, in order, whether or not anything lives there.</summary>
    public IEnumerable<Placement> Placements =>
        from shard in Enumerable.Range(0, _options.Shards)
        from slice in Enumerable.Range(1, _options.Slices)
        select new Placement(new ShardId(shard), new SliceIndex(slice));

    /// <summary>Where an item lives.</summary>
    /// <param name="subject">Subject of the item; its own id if the recipe maps no subject.</param>
    /// <param name="riskClass">The item's risk class, or <see langword="null"/> if the recipe declares none.</param>
    /// <param name="batch">The item's batch, or <see langword="null"/> if the recipe declares none.</param>
    /// <exception cref="CorpusException">The class or batch is not declared in the recipe.</exception>
    public Placement Assign(ReadOnlySpan<char> subject, string? riskClass = null, string? batch = null)
    {
        var (shard, slice) = Find(subject, riskClass);
        return new Placement(shard, slice ?? new SliceIndex(SliceOf(batch)));
    }

    /// <summary>The part of the place that subject and risk class decide: the shard, and the slice unless it follows the batch.</summary>
    /// <param name="subject">Subject of the item.</param>
    /// <param name="riskClass">The item's risk class, or <see langword="null"/> if the recipe declares none.</param>
    /// <exception cref="CorpusException">The class is not declared in the recipe.</exception>
    public (ShardId Shard, SliceIndex? Slice) Find(ReadOnlySpan<char> subject, string? riskClass) => _rule.Find(Hash(subject), riskClass);

    /// <summary>HMAC-SHA256(κ, subject), which <see cref="PlacementRule"/> scales onto shards and slices.</summary>
    /// <param name="subject">Subject of the item.</param>
    public Digest Hash(ReadOnlySpan<char> subject)
    {
        _subject.ResetWrittenCount();
        Encoding.UTF8.GetBytes(subject, _subject);
        _hash.AppendData(_subject.WrittenSpan);
        Span<byte> hash = stackalloc byte[Digest.SizeBytes];
        _hash.GetHashAndReset(hash);
        return new Digest(hash);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private int SliceOf(string? batch) =>
        batch is not null && _batches.TryGetValue(batch, out var slice)
            ? slice
            : throw new CorpusException(
                $"Batch '{batch}' is not declared; expected one of {string.Join(", ", _options.Batches)}.",
                "Declare it under 'ensemble.batches' of the recipe, or correct the row.");
}
