using Sisa.Checkpoints;
using Sisa.Fuzzing.Engine;

namespace Sisa.Fuzzing.Targets;

/// <summary>The header of a safetensors file. What it parses to is written again as a header that parses to the same.</summary>
internal sealed class SafetensorsTarget() : FuzzTarget("safetensors")
{
    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "[", "]", ":", ",", "\"__metadata__\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"I64\"", "\"BOOL\"", "\"BF16\"", "[0,0]", "[]", "null", "1e3", "\\ud800", "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}");

    public override IEnumerable<byte[]> LargeInputs()
    {
        foreach (var json in (byte[][])
        [
            Repeat("{", i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}},", "\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 5 << 20),
            Repeat("{\"__metadata__\":{", i => $"\"{i}\":\"\",", "\"x\":\"\"}}", 900_000),
            Repeat("{\"__metadata__\":{\"x\":\"", _ => "\\u0041", "\"}}", 32 << 20),
            Repeat("{\"a\":{\"dtype\":\"U8\",\"shape\":[", _ => "0,", "0],\"data_offsets\":[0,0]}}", 32 << 20),
        ])
        {
            yield return [.. BitConverter.GetBytes((long)json.Length), .. json];
        }
    }

    public override IEnumerable<byte[]> Seeds()
    {
        yield return File([new("format", "x")], [new TensorLayout("a.weight", "F32", [2, 3], 0, 24), new TensorLayout("a.bias", "F16", [], 24, 2), new TensorLayout("empty", "U8", [0, 7], 26, 0)]);
        yield return File([], [new TensorLayout("n", "I64", [1], 0, 8)]);
        yield return File([], []);
    }

    protected override void Run(byte[] input)
    {
        var length = SafetensorsHeader.JsonBytes(input.AsSpan(0, Math.Min(8, input.Length)), input.Length);
        Read(input.AsSpan(8, length), input.Length - 8 - length);
    }

    protected override bool IsDocumented(Exception e) => e is FormatException;

    private void Read(ReadOnlySpan<byte> json, long dataBytes)
    {
        var header = SafetensorsHeader.Parse(json, dataBytes);
        long end = 0;
        foreach (var tensor in header.Tensors)
        {
            Check(tensor.Offset == end && tensor.SizeBytes >= 0, "tensors lie one behind the other");
            Check(tensor.Shape.Aggregate((long)SafetensorsHeader.ElementBytes(tensor.Type), (size, dimension) => size * dimension) == tensor.SizeBytes, "a tensor is as large as its shape");
            end += tensor.SizeBytes;
        }

        Check(end == dataBytes, "tensors fill the file");
        if (OnlyReads)
        {
            return;
        }

        var bytes = header.ToBytes();
        var again = SafetensorsHeader.Parse(bytes.AsSpan(8), dataBytes);
        Check(again.Metadata.SequenceEqual(header.Metadata), "metadata read the same again");
        Check(again.Tensors.Count == header.Tensors.Count, "as many tensors again");
        foreach (var (one, other) in header.Tensors.Zip(again.Tensors))
        {
            Check((one.Name, one.Type, one.Offset, one.SizeBytes) == (other.Name, other.Type, other.Offset, other.SizeBytes) && one.Shape.SequenceEqual(other.Shape), "tensors read the same again");
        }
    }

    private static byte[] File(IReadOnlyList<KeyValuePair<string, string>> metadata, IReadOnlyList<TensorLayout> tensors)
    {
        var header = new SafetensorsHeader(metadata, tensors).ToBytes();
        return [.. header, .. new byte[tensors.Sum(t => t.SizeBytes)]];
    }
}
