using System.Text;
using BenchmarkDotNet.Attributes;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Slices;

namespace Sisa.Bench;

/// <summary>What it costs to write a slice anew without one of its items, as forgetting does, against a copy of the file that is as durable.</summary>
/// <remarks>Times are per rewriting of a slice of 64 MB: the old file is verified, records are taken over, sorted, hashed one by one and as a whole, written, flushed and renamed.</remarks>
[MinIterationCount(3)]
[MaxIterationCount(8)]
public class SliceRewriting
{
    private const int SliceBytes = 64 << 20;
    private const int IdBytes = 36;

    private readonly AssignmentKey _key = new(new byte[AssignmentKey.SizeBytes]);
    private string _folder = null!;
    private string _path = null!;
    private Checkpoints.SliceRoot _root = null!;

    /// <summary>Bytes of an item's features: a short text's, and 600 numbers' or a small picture's.</summary>
    [Params(200, 2400)]
    public int FeatureBytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        _path = Path.Combine(_folder, "slice-01.slice");
        var records = new RandomRecords(SliceBytes / (FeatureBytes + IdBytes), FeatureBytes);
        var builder = new SliceBuilder();
        for (var i = 0; i < records.Count; i++)
        {
            builder.Add(records, i);
        }

        builder.Sort();
        _root = builder.Write(_path, _key.LeafBytes);
    }

    [GlobalCleanup]
    public void Free() => Directory.Delete(_folder, recursive: true);

    [Benchmark(Baseline = true)]
    public void Copy_durably()
    {
        var copy = Path.Combine(_folder, "copy.slice");
        File.Copy(_path, copy, overwrite: true);
        using (var file = File.OpenHandle(copy, FileMode.Open, FileAccess.ReadWrite))
        {
            DurableFile.Flush(file, copy);
        }

        DurableFile.Publish(copy, Path.Combine(_folder, "copied.slice"));
    }

    [Benchmark]
    public void Copy_durably_and_hash() => DurableFile.Copy(_path, Path.Combine(_folder, "hashed.slice"));

    [Benchmark]
    public void Rewrite_without_an_item()
    {
        using var file = SliceFile.Open(_path, _root);
        var builder = new SliceBuilder();
        for (var i = 0; i < file.Count; i++)
        {
            if (i != file.Count / 2)
            {
                builder.Add(file, i);
            }
        }

        builder.Sort();
        builder.Write(Path.Combine(_folder, "slice-01.new"), _key.LeafBytes);
    }

    /// <summary>Records of random bytes.</summary>
    private sealed class RandomRecords : IRecordSet
    {
        private readonly byte[][] _ids;
        private readonly byte[] _features;
        private readonly int _featureBytes;

        public RandomRecords(int count, int featureBytes)
        {
            var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
            _featureBytes = featureBytes;
            _ids = [.. Enumerable.Range(0, count).Select(_ => Encoding.UTF8.GetBytes(RandomId.Next(generator)))];
            _features = new byte[count * featureBytes];
            var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(_features.AsSpan());
            for (var i = 0; i < words.Length; i++)
            {
                words[i] = generator.NextUInt64();
            }
        }

        public int Count => _ids.Length;

        public SliceRecord this[int index] => new()
        {
            Id = _ids[index],
            Subject = _ids[index],
            Label = 0,
            Features = _features.AsSpan(index * _featureBytes, _featureBytes),
            Text = default,
        };
    }
}
