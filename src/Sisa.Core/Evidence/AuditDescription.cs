using System.Text.Json;
using Sisa.Checkpoints;

namespace Sisa.Evidence;

/// <summary>The content of an audit bundle.</summary>
public enum AuditContent
{
    /// <summary>The retained items, as in the slices. They suffice for training.</summary>
    Records,

    /// <summary>A keyed leaf for each retained item. Training takes the items from source files, and the leaves decide which rows count.</summary>
    Commitments,
}

/// <summary>The expected results of training from scratch: the head of an audit bundle, <c>audit.json</c>.</summary>
/// <remarks>Holds no ids except those of retained items with cut spans, and no path: shard and slice determine the place of each file.</remarks>
public sealed record AuditDescription
{
    /// <summary>The format; another one is refused.</summary>
    public const string FormatName = "sisa-audit-1";

    /// <summary>Largest description that is read, in bytes.</summary>
    public const int MaxBytes = 256 << 20;

    /// <summary>Always <see cref="FormatName"/>.</summary>
    public required string Format { get; init; }

    /// <summary>What the bundle holds of the items.</summary>
    public required AuditContent Content { get; init; }

    /// <summary>Epoch of the bundle that is served.</summary>
    public required long Epoch { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Digest Recipe { get; init; }

    /// <summary>Version of the training code.</summary>
    public required int TrainingCode { get; init; }

    /// <summary>Every environment in which a checkpoint was trained.</summary>
    public required IReadOnlyList<EnvironmentFingerprint> Environments { get; init; }

    /// <summary>Slices and checkpoints of each shard, in order.</summary>
    public required IReadOnlyList<ExpectedShard> Shards { get; init; }

    /// <summary>Spans that were cut from retained items. Source files still hold them.</summary>
    public required IReadOnlyList<RetainedCut> Cuts { get; init; }

    /// <summary>The served bundle: the last checkpoint of every shard that has items.</summary>
    public Digest Bundle() => BundleDigest.Of(Shards.Where(s => s.Slices.Any(slice => slice.ItemCount > 0)).ToDictionary(s => new Sharding.ShardId(s.Shard), s => s.Checkpoints[^1].Digest));

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, EvidenceJson.Options), (byte)'\n'];

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="EvidenceException">It is no such description, or does not agree with itself.</exception>
    public static AuditDescription Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var description = JsonSerializer.Deserialize<AuditDescription>(bytes, EvidenceJson.Options) ?? throw new MalformedJsonException("it is 'null'");
            return description.Fault() is { } fault ? throw new MalformedJsonException(fault) : description;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new EvidenceException($"The description of the audit bundle cannot be read: {PlainReason.Of(e)}.", $"Give an unaltered folder that {Step.ExportAudit} wrote.", e);
        }
    }

    private string? Fault()
    {
        var slices = Shards.Count > 0 ? Shards[0].Slices.Count : 0;
        return Format != FormatName ? $"its format is '{Format}', expected '{FormatName}'"
            : slices == 0 ? "it names no slices"
            : Shards.Where((s, i) => s.Shard != i).Any() ? "its shards are not numbered from 0"
            : Shards.Any(s => s.Slices.Count != slices || s.Checkpoints.Count != slices) ? "its shards differ in their number of slices or checkpoints"
            : Shards.Any(s => s.Slices.Any(slice => slice.ItemCount is < 0 or > int.MaxValue)) ? "a slice has an impossible number of items"
            : Cuts.Select(cut => cut.Item).Distinct(StringComparer.Ordinal).Count() != Cuts.Count ? "it names the cuts of an item twice"
            : null;
    }
}

/// <summary>A shard as training from scratch must give it.</summary>
/// <param name="Shard">Its number, from 0.</param>
/// <param name="Slices">Root and item count of each slice, from the first.</param>
/// <param name="Checkpoints">The checkpoint after each slice.</param>
public sealed record ExpectedShard(int Shard, IReadOnlyList<SliceRoot> Slices, IReadOnlyList<ExpectedCheckpoint> Checkpoints);

/// <summary>A checkpoint as training from scratch must give it.</summary>
/// <param name="Digest">SHA-256 of the file.</param>
/// <param name="Tensors">SHA-256 of the tensor bytes.</param>
/// <param name="Environment">Digest of the environment in which it was trained; in another one nothing can be compared.</param>
public sealed record ExpectedCheckpoint(Digest Digest, Digest Tensors, Digest Environment);

/// <summary>Spans that were cut from a retained item.</summary>
/// <param name="Item">Its id.</param>
/// <param name="Spans">Each as <c>A..B</c>, in code points of the text as first ingested.</param>
public sealed record RetainedCut(string Item, IReadOnlyList<string> Spans);
