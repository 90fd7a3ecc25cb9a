using System.Text;
using CsCheck;
using Sisa.Checkpoints;

namespace Sisa.Core.Tests.Checkpoints;

public sealed class SafetensorsHeaderTests
{
    private static readonly string[] Types = ["F64", "I64", "U64", "F32", "I32", "U32", "F16", "BF16", "I16", "U16", "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2"];

    private static readonly Gen<SafetensorsHeader> Headers =
        Gen.Select(
            Gen.Select(Gen.Int[0, 14], Gen.Long[0, 5].Array[0, 3]).List[0, 25],
            Gen.String.List[0, 4],
            (tensors, metadata) => Header(
                [.. metadata.Where(IsText).Distinct().Select((text, i) => KeyValuePair.Create(text, $"value {i} {text}"))],
                [.. tensors.Select((t, i) => (Name: $"t{i}", Type: Types[t.Item1], Shape: t.Item2))]));

    public static TheoryData<string, string, long> Malformed() => new()
    {
        { "empty", "", 0 },
        { "not JSON", "{x}", 0 },
        { "no object", "[]", 0 },
        { "null", "null", 0 },
        { "entry is no object", """{"a":1}""", 0 },
        { "no type", """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4 },
        { "type is a number", """{"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}""", 4 },
        { "type is null", """{"a":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}""", 4 },
        { "unknown type", """{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4 },
        { "no shape", """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4 },
        { "shape is text", """{"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}}""", 4 },
        { "fractional dimension", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4 },
        { "negative dimension", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4 },
        { "two negative dimensions", """{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", 4 },
        { "overflowing shape", """{"a":{"dtype":"F32","shape":[9223372036854775807,9],"data_offsets":[0,4]}}""", 4 },
        { "no offsets", """{"a":{"dtype":"F32","shape":[1]}}""", 4 },
        { "empty offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[]}}""", 4 },
        { "one offset", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4 },
        { "three offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4 },
        { "offsets of another size", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", 8 },
        { "offsets that wrap around", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[9223372036854775807,-9223372036854775808]}}""", 1 },
        { "a hole before", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8 },
        { "a hole between", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3 },
        { "an overlap", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6 },
        { "data missing", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3 },
        { "data left over", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5 },
        { "a name twice", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2 },
        { "metadata is a list", """{"__metadata__":[]}""", 0 },
        { "metadata holds a number", """{"__metadata__":{"a":1}}""", 0 },
        { "a key of metadata twice", """{"__metadata__":{"a":"1","a":"2"}}""", 0 },
        { "text behind the object", """{} x""", 0 },
        { "a second object", """{}{}""", 0 },
    };

    [Fact]
    public void Headers_come_back() => Headers.Sample(header =>
    {
        var bytes = header.ToBytes();
        var json = SafetensorsHeader.JsonBytes(bytes, bytes.Length + DataBytes(header));
        var again = SafetensorsHeader.Parse(bytes.AsSpan(8), DataBytes(header));
        return json == bytes.Length - 8 && bytes.Length % 64 == 0 && again.Metadata.SequenceEqual(header.Metadata) && Same(header, again);
    });

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_the_format_does_not_allow_is_refused(string fault, string json, long dataBytes) =>
        Assert.True(Record.Exception(() => SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(json), dataBytes)) is FormatException, fault);

    [Fact]
    public void Random_bytes_are_refused_as_such_and_never_otherwise() => Gen.Select(Headers, Gen.Int[0, 4000], Gen.Byte).Sample((header, position, value) =>
    {
        // A byte of a good header is changed: it is read, or refused with the one exception that callers expect.
        var bytes = header.ToBytes();
        bytes[8 + (position % (bytes.Length - 8))] = value;
        return Record.Exception(() => SafetensorsHeader.Parse(bytes.AsSpan(8), DataBytes(header))) is null or FormatException;
    });

    [Fact]
    public void Bytes_without_meaning_are_refused() => Gen.Byte.Array[0, 60].Sample(bytes =>
        Record.Exception(() => SafetensorsHeader.Parse(bytes, 4)) is FormatException);

    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0 }, 100)]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0 }, 100)]
    [InlineData(new byte[] { 93, 0, 0, 0, 0, 0, 0, 0 }, 100)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 128 }, 100)]
    [InlineData(new byte[] { 1, 225, 245, 5, 0, 0, 0, 0 }, 200_000_000)]
    public void Impossible_lengths_are_refused(byte[] prefix, long fileBytes) =>
        Assert.Throws<MalformedException>(() => SafetensorsHeader.JsonBytes(prefix, fileBytes));

    private static SafetensorsHeader Header(IReadOnlyList<KeyValuePair<string, string>> metadata, IReadOnlyList<(string Name, string Type, long[] Shape)> tensors)
    {
        var layouts = new List<TensorLayout>();
        long offset = 0;
        foreach (var (name, type, shape) in tensors)
        {
            var size = shape.Aggregate((long)SafetensorsHeader.ElementBytes(type), (a, b) => a * b);
            layouts.Add(new TensorLayout(name, type, shape, offset, size));
            offset += size;
        }

        return new SafetensorsHeader(metadata, layouts);
    }

    private static long DataBytes(SafetensorsHeader header) => header.Tensors.Sum(tensor => tensor.SizeBytes);

    private static bool IsText(string text) => text.Length < 100 && text != "__metadata__" && !text.Any(char.IsSurrogate);

    private static bool Same(SafetensorsHeader a, SafetensorsHeader b) =>
        a.Tensors.Select(t => (t.Name, t.Type, string.Join(',', t.Shape), t.Offset, t.SizeBytes))
            .SequenceEqual(b.Tensors.Select(t => (t.Name, t.Type, string.Join(',', t.Shape), t.Offset, t.SizeBytes)));
}
