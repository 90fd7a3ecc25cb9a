using Sisa.Checkpoints;
using Sisa.Fuzzing.Engine;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;

namespace Sisa.Fuzzing.Targets;

/// <summary>Checkpoint files whose digest was made to fit: metadata, lineage and environment are read, and every tensor lies within the file.</summary>
internal sealed class CheckpointTarget() : FuzzTarget("checkpoint")
{
    private readonly ScratchFolder _folder = new();

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "\"", "\\\"", ",", ":", "\"__metadata__\"", "\"format\"", "sisa-checkpoint-1", "\"recipe\"", "\"shard\"", "\"stage\"", "\"lineage\"", "\"environment\"", "\"dtype\"", "[0,4]", "null", "[null]", "-1", "99999999999", "\\\"root\\\"", "\\\"itemCount\\\"", "\\\"cpu\\\"");

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var slices in (int[])[0, 1, 3])
        {
            yield return Write(slices);
        }
    }

    protected override void Run(byte[] input)
    {
        using var content = CheckpointFile.Read(_folder.Write("checkpoint", input), Digest.Of(input));
        long bytes = 0;
        foreach (var tensor in content.Tensors)
        {
            var data = content.Data(tensor.Name);
            Check(data.Length == tensor.SizeBytes, "a tensor has the bytes that its shape says");
            bytes += data.Length > 0 ? data.Span[0] + data.Span[^1] : 0;
        }

        Check(bytes >= 0, "tensors can be read");
        var header = content.Header;
        var again = CheckpointHeader.FromMetadata(header.ToMetadata().ToDictionary(StringComparer.Ordinal), "again");
        Check(again.ToMetadata().SequenceEqual(header.ToMetadata()), "a header that is written again reads the same");
    }

    protected override bool IsDocumented(Exception e) => e is StoreException;

    protected override void Dispose(bool disposing)
    {
        _folder.Dispose();
        base.Dispose(disposing);
    }

    private byte[] Write(int slices)
    {
        var header = new CheckpointHeader
        {
            Recipe = Digest.Of([1]),
            Shard = new ShardId(2),
            Lineage = new Lineage(Enumerable.Range(0, slices).Select(i => new SliceRoot(Digest.Of([(byte)i]), i))),
            Environment = EvidenceSamples.Environment,
        };
        var info = CheckpointFile.Write(_folder.Root, header, [new TensorEntry("w", "F32", [2], new byte[8]), new TensorEntry("optimizer.m", "F32", [2], new byte[8])]);
        return File.ReadAllBytes(Path.Combine(_folder.Root, info.FileName));
    }
}
