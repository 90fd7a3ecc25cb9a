namespace Sisa.Readers.Recipes;

/// <summary>Upper limits of recipes. A larger value is more likely a typing error than an intention.</summary>
public static class RecipeLimits
{
    /// <summary>Number of shards.</summary>
    public const int MaxShards = 10_000;

    /// <summary>Slices per shard.</summary>
    public const int MaxSlices = 1_000;

    /// <summary>Number of labels.</summary>
    public const int MaxLabels = 100_000;

    /// <summary>Elements of the features of one item.</summary>
    public const int MaxFeatureLength = 16 * 1024 * 1024;

    /// <summary>Parameters of one model: their 32-bit floats lie in one block of memory of at most 2 GiB, alignment included.</summary>
    public const long MaxParameters = 500_000_000;

    /// <summary>Bytes of the items of one step, which lie in one block of memory as well.</summary>
    public const long MaxBatchBytes = int.MaxValue;

    /// <summary>Bytes of the recipe's file.</summary>
    public const int MaxFileBytes = 1024 * 1024;
}
