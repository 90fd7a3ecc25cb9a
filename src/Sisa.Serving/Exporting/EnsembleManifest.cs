using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Serving.Exporting;

/// <summary>The description of an exported folder, <c>ensemble.json</c>.</summary>
/// <param name="Format"><c>sisa-ensemble-2</c>; <c>sisa-ensemble-1</c> without checksums.</param>
/// <param name="Epoch">Epoch of the bundle that was exported.</param>
/// <param name="Recipe">The recipe, without what only training needs to know of people's machines.</param>
/// <param name="Constituents">The constituents.</param>
public sealed record EnsembleManifest(string Format, long Epoch, Recipe Recipe, IReadOnlyList<ExportedConstituent> Constituents)
{
    /// <summary>The format that is written.</summary>
    public const string FormatName = "sisa-ensemble-2";

    /// <summary>As earlier versions wrote it: the same, without <c>SHA256SUMS</c>.</summary>
    public const string FormatWithoutSums = "sisa-ensemble-1";

    /// <summary>Name of the file.</summary>
    public const string FileName = "ensemble.json";
}

/// <summary>An exported constituent.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="File">Path of its weights within the folder.</param>
/// <param name="Digest">SHA-256 of that file.</param>
/// <param name="Items">Items that it saw.</param>
public sealed record ExportedConstituent(ShardId Shard, string File, Digest Digest, long Items);
