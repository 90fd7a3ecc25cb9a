using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;

namespace Sisa.Bench;

/// <summary>How fast checkpoints are written, verified and loaded, against what the disk and SHA-256 can do by themselves.</summary>
/// <remarks>Times are per file. A checkpoint has two digests, of the file and of its tensors. Reading is from memory: the file was just written. Tensors of 16 MB, as a decoder has them, or one
/// that is all of a smaller file.</remarks>
[MinIterationCount(4)]
[MaxIterationCount(8)]
[WarmupCount(2)]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class CheckpointFiles
{
    private const int TensorBytes = 16 << 20;
    private const int BlockBytes = 1 << 20;

    private string _folder = null!;
    private byte[][] _data = null!;
    private TensorEntry[] _tensors = null!;
    private CheckpointInfo _written = null!;
    private byte[] _target = null!;

    /// <summary>Size of the file in KB: the perceptron of the reference study, 1 MB, 100 MB, 1 GB.</summary>
    [Params(360, 1_000, 100_000, 1_000_000)]
    public int Kilobytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
        var bytes = Kilobytes * 1000L;
        _data = [.. Enumerable.Range(0, (int)((bytes + TensorBytes - 1) / TensorBytes)).Select(i => new byte[Math.Min(TensorBytes, bytes - ((long)i * TensorBytes))])];
        foreach (var part in _data)
        {
            generator.FillUniform(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(part.AsSpan()), 1);
        }

        _tensors = [.. _data.Select((part, i) => new TensorEntry($"tensor.{i}", "F32", [part.Length / sizeof(float)], part))];
        _written = CheckpointFile.Write(_folder, "checkpoint-", [], _tensors);
        _target = new byte[TensorBytes];
    }

    [GlobalCleanup]
    public void Free() => Directory.Delete(_folder, recursive: true);

    [BenchmarkCategory("write")]
    [Benchmark(Baseline = true)]
    public void Disk_alone()
    {
        var temporary = Path.Combine(_folder, "plain.tmp");
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            long at = 0;
            foreach (var part in _data)
            {
                for (var start = 0; start < part.Length; start += BlockBytes)
                {
                    var block = part.AsSpan(start, Math.Min(BlockBytes, part.Length - start));
                    RandomAccess.Write(file, block, at);
                    at += block.Length;
                }
            }

            DurableFile.Flush(file, temporary);
        }

        DurableFile.Publish(temporary, Path.Combine(_folder, "plain"));
    }

    [BenchmarkCategory("write")]
    [Benchmark]
    public void Sha256_alone() => Hash();

    [BenchmarkCategory("write")]
    [Benchmark]
    public void Write() => CheckpointFile.Write(_folder, "checkpoint-", [], _tensors);

    [BenchmarkCategory("read")]
    [Benchmark(Baseline = true)]
    public void Sha256_of_memory() => Hash();

    [BenchmarkCategory("read")]
    [Benchmark]
    public void Verify() => CheckpointFile.HashOf(PathOfFile);

    [BenchmarkCategory("read")]
    [Benchmark]
    public void Verify_and_load()
    {
        using var content = CheckpointFile.Read(PathOfFile, _written.Digest);
        foreach (var tensor in content.Tensors)
        {
            content.Data(tensor.Name).Span.CopyTo(_target);
        }
    }

    private string PathOfFile => Path.Combine(_folder, _written.FileName);

    private Digest Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Array.ForEach(_data, hash.AppendData);
        return new Digest(hash.GetHashAndReset());
    }
}
