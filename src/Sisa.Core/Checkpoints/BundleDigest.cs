using System.Globalization;
using System.Text;
using Sisa.Sharding;

namespace Sisa.Checkpoints;

/// <summary>Names a bundle by what it serves.</summary>
public static class BundleDigest
{
    /// <summary>SHA-256 over a line <c>shard digest</c> for each shard that is served, in ascending order.</summary>
    /// <param name="served">Checkpoint of each served shard.</param>
    public static Digest Of(IReadOnlyDictionary<ShardId, Digest> served)
    {
        ArgumentNullException.ThrowIfNull(served);
        var lines = served.OrderBy(s => s.Key).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key.Value} {s.Value}\n"));
        return Digest.Of(Encoding.UTF8.GetBytes(string.Concat(lines)));
    }
}
