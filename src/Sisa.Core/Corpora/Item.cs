namespace Sisa.Corpora;

/// <summary>One training example, read and encoded, before it has a place in a shard.</summary>
/// <remarks>Mutable for reuse by the one thread that reads a corpus: readers hand out the same instance again, so copy what is
/// to be kept.</remarks>
public sealed class Item
{
    /// <summary>Stable id, exact text; never empty.</summary>
    public string Id { get; set; } = string.Empty;

    /// <summary>Subject of the item; its id if the recipe maps no subject. Never empty.</summary>
    public string Subject { get; set; } = string.Empty;

    /// <summary>Index of the label in the recipe's list, or −1 where the row has none (prediction only).</summary>
    public int Label { get; set; } = -1;

    /// <summary>Declared risk class, where the recipe maps one.</summary>
    public string? RiskClass { get; set; }

    /// <summary>Declared arrival batch, where the recipe maps one.</summary>
    public string? Batch { get; set; }

    /// <summary>Encoded features in the layout of <see cref="FeatureLayout"/>, little-endian.</summary>
    public ReadOnlyMemory<byte> Features { get; set; }

    /// <summary>The text field as ingested, UTF-8; empty for items without text.</summary>
    public ReadOnlyMemory<byte> Text { get; set; }

    /// <summary>One-based row or line in its file, for messages.</summary>
    public long Row { get; set; }

    /// <summary>The last line of the row; <see langword="null"/> if the format has no lines.</summary>
    public long? LastRow { get; set; }
}
