using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Sisa.Training;

namespace Sisa.Sharding;

/// <summary>Assigns items to shards and slices by their own declared fields and the assignment key alone (rule E1).</summary>
/// <remarks>Not thread-safe: it keeps one keyed hash and one buffer for reuse, which is three times as fast as making one an item. Never looks at other items: no balancing, no arrival order, no clustering.
/// The shard is HMAC-SHA256(κ, subject) scaled onto the shards of the item's risk class; the slice is another word of the
/// same value, or the position of the item's batch in the declared list.</remarks>
public sealed class ShardManager : IDisposable
{
    private readonly IncrementalHash _hash;
    private readonly ArrayBufferWriter<byte> _subject = new();
    private readonly EnsembleOptions _options;
    private readonly Dictionary<string, int> _batches;
    private readonly int[] _allShards;

    /// <summary>Creates the rule for one ensemble.</summary>
    /// <param name="key">The assignment key κ.</param>
    /// <param name="options">Number of shards and slices, risk classes and batches; validated with the recipe.</param>
    public ShardManager(AssignmentKey key, EnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.AssignmentBytes);
        _options = options;
        _allShards = [.. Enumerable.Range(0, options.Shards)];
        _batches = options.Batches.Select((name, i) => (name, i)).ToDictionary(b => b.name, b => b.i + 1, StringComparer.Ordinal);
    }

    /// <summary>Every shard and slice of the ensemble, in order, whether or not anything lives there.</summary>
    public IEnumerable<Placement> Placements =>
        from shard in _allShards
        from slice in Enumerable.Range(1, _options.Slices)
        select new Placement(new ShardId(shard), new SliceIndex(slice));

    /// <summary>Where an item lives.</summary>
    /// <param name="subject">Whose item it is; the item's own id where the recipe maps no subject.</param>
    /// <param name="riskClass">The item's risk class, or <see langword="null"/> where the recipe declares none.</param>
    /// <param name="batch">The item's batch, or <see langword="null"/> where the recipe declares none.</param>
    /// <exception cref="CorpusException">The class or batch is not declared in the recipe.</exception>
    public Placement Assign(ReadOnlySpan<char> subject, string? riskClass = null, string? batch = null)
    {
        var (shard, slice) = Find(subject, riskClass);
        return new Placement(shard, slice ?? new SliceIndex(SliceOf(batch)));
    }

    /// <summary>What the subject and the risk class alone decide: the shard, and the slice unless it follows the batch.</summary>
    /// <param name="subject">Whose item it is.</param>
    /// <param name="riskClass">The item's risk class, or <see langword="null"/> where the recipe declares none.</param>
    /// <exception cref="CorpusException">The class is not declared in the recipe.</exception>
    public (ShardId Shard, SliceIndex? Slice) Find(ReadOnlySpan<char> subject, string? riskClass)
    {
        var hash = Hash(subject);
        var shards = ShardsOf(riskClass);
        var shard = new ShardId(shards[(int)Seeds.Scale(hash.High64, shards.Count)]);
        return (shard, _options.Assign == AssignRule.ByBatch ? null : new SliceIndex(1 + (int)Seeds.Scale(hash.Low64, _options.Slices)));
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private Digest Hash(ReadOnlySpan<char> subject)
    {
        _subject.ResetWrittenCount();
        Encoding.UTF8.GetBytes(subject, _subject);
        _hash.AppendData(_subject.WrittenSpan);
        Span<byte> hash = stackalloc byte[Digest.SizeBytes];
        _hash.GetHashAndReset(hash);
        return new Digest(hash);
    }

    private IReadOnlyList<int> ShardsOf(string? riskClass)
    {
        if (_options.RiskClasses.Count == 0)
        {
            return _allShards;
        }

        return riskClass is not null && _options.RiskClasses.TryGetValue(riskClass, out var declared)
            ? declared.Shards
            : throw new CorpusException(
                $"Risk class '{riskClass}' is not declared; expected one of {string.Join(", ", _options.RiskClassNames)}.",
                "Declare it under 'ensemble.riskClasses' of the recipe, or correct the row.");
    }

    private int SliceOf(string? batch) =>
        batch is not null && _batches.TryGetValue(batch, out var slice)
            ? slice
            : throw new CorpusException(
                $"Batch '{batch}' is not declared; expected one of {string.Join(", ", _options.Batches)}.",
                "Declare it under 'ensemble.batches' of the recipe, or correct the row.");
}
