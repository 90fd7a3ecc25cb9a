using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Bench;

/// <summary>What it costs to say where an item goes and when its turn is, against the hash that each of the two rests on.</summary>
/// <remarks>Times are per item. Ids are UUIDs; the order is that of one whole epoch, sorting included.</remarks>
[MinIterationCount(3)]
[MaxIterationCount(8)]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ItemAssignment
{
    private const int Items = 100_000;
    private const int SeedBytes = 32;

    private readonly AssignmentKey _key = new(new byte[AssignmentKey.SizeBytes]);
    private readonly ItemOrder _order = new(17, new ShardId(0));
    private string[] _ids = null!;
    private ReadOnlyMemory<byte>[] _bytes = null!;
    private byte[][] _seeded = null!;
    private ShardManager _assignment = null!;
    private IncrementalHash _hmac = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
        _ids = [.. Enumerable.Range(0, Items).Select(_ => RandomId.Next(generator))];
        _bytes = [.. _ids.Select(id => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(id))];
        _seeded = [.. _bytes.Select(id => (byte[])[.. new byte[SeedBytes], .. id.Span])];
        _assignment = new ShardManager(_key, new EnsembleOptions { Shards = 20, Slices = 50 });
        _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, new byte[AssignmentKey.SizeBytes]);
    }

    [GlobalCleanup]
    public void Free()
    {
        _assignment.Dispose();
        _hmac.Dispose();
    }

    [BenchmarkCategory("assignment")]
    [Benchmark(Baseline = true, OperationsPerInvoke = Items)]
    public void Hmac_sha256_of_the_subject()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var id in _bytes)
        {
            _hmac.AppendData(id.Span);
            _hmac.GetHashAndReset(hash);
        }
    }

    [BenchmarkCategory("assignment")]
    [Benchmark(OperationsPerInvoke = Items)]
    public void Assign()
    {
        foreach (var id in _ids)
        {
            _assignment.Assign(id);
        }
    }

    [BenchmarkCategory("order")]
    [Benchmark(Baseline = true, OperationsPerInvoke = Items)]
    public void Sha256_of_seed_and_id()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var bytes in _seeded)
        {
            SHA256.HashData(bytes, hash);
        }
    }

    [BenchmarkCategory("order")]
    [Benchmark(OperationsPerInvoke = Items)]
    public int Order_of_an_epoch() => _order.Epoch(new SliceIndex(1), 0, 1, _bytes).Length;

    [BenchmarkCategory("order")]
    [Benchmark(OperationsPerInvoke = Items)]
    public int Order_of_a_partial_epoch() => _order.Epoch(new SliceIndex(1), 0, 0.78, _bytes).Length;
}
