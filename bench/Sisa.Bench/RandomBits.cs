using System.Runtime.InteropServices;
using Sisa.Sharding;
using Sisa.Torch.Data;

namespace Sisa.Bench;

/// <summary>Random bits with random labels, encoded as a slice file holds them.</summary>
internal sealed class RandomBits : ItemSource
{
    private readonly byte[] _features;
    private readonly int[] _labels;
    private readonly int _stride;

    public RandomBits(int count, int features, int classes)
    {
        var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
        var values = new float[count * features];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = generator.NextUInt64() >> 63;
        }

        _stride = features * sizeof(float);
        _features = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        _labels = [.. Enumerable.Range(0, count).Select(_ => generator.NextInt32(classes))];
    }

    public override ReadOnlySpan<byte> Features(int index) => _features.AsSpan(index * _stride, _stride);

    public override int Label(int index) => _labels[index];

    public override string Describe(int index) => $"{index}";
}
