using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sisa.Checker;

/// <summary>What a checkpoint file says of itself: the metadata of its safetensors header.</summary>
internal sealed class CheckpointContent
{
    private CheckpointContent(byte[] bytes)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        var metadata = header.RootElement.GetProperty("__metadata__");
        string Text(string name) => metadata.GetProperty(name).GetString()!;
        if (Text("format") != "sisa-checkpoint-1")
        {
            throw new FormatException($"of format '{Text("format")}'");
        }

        SizeBytes = bytes.Length;
        Digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        TensorDigest = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(8 + length)));
        Recipe = Text("recipe");
        Shard = long.Parse(Text("shard"), CultureInfo.InvariantCulture);
        Stage = long.Parse(Text("stage"), CultureInfo.InvariantCulture);
        EnvironmentDigest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text("environment"))));
        using var lineage = JsonDocument.Parse(Text("lineage"));
        Lineage = [.. lineage.RootElement.EnumerateArray().Select(slice => (slice.GetProperty("root").GetString()!, slice.GetProperty("itemCount").GetInt64()))];
    }

    public long SizeBytes { get; }

    public string Digest { get; }

    public string TensorDigest { get; }

    public string Recipe { get; }

    public long Shard { get; }

    public long Stage { get; }

    public string EnvironmentDigest { get; }

    /// <summary>Root and number of items of every slice that it saw.</summary>
    public IReadOnlyList<(string Root, long Items)> Lineage { get; }

    public string LineageDigest => DigestOf(Lineage);

    public static CheckpointContent Read(string path) => new(File.ReadAllBytes(path));

    /// <summary>The lineage digest of slices.</summary>
    public static string DigestOf(IEnumerable<(string Root, long Items)> slices)
    {
        var bytes = new List<byte>();
        foreach (var (root, items) in slices)
        {
            var count = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(count, items);
            bytes.AddRange([.. Convert.FromHexString(root), .. count]);
        }

        return Convert.ToHexStringLower(SHA256.HashData([.. bytes]));
    }
}
