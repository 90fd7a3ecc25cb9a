using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Sisa.Checkpoints;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Type">Element type as the format writes it: <c>F32</c>, <c>I64</c>, …</param>
/// <param name="Shape">Dimensions; none for a scalar.</param>
/// <param name="Offset">First byte within the data section.</param>
/// <param name="SizeBytes">Number of bytes.</param>
public sealed record TensorLayout(string Name, string Type, IReadOnlyList<long> Shape, long Offset, long SizeBytes);

/// <summary>Header of a safetensors file: eight bytes of little-endian length, JSON, padding; then the data section.</summary>
/// <remarks>Pure; no file is touched. Format: github.com/huggingface/safetensors, README, "Format": at most 100 MB of header, no
/// duplicate names, offsets without holes or overlap, header padded with spaces.</remarks>
public sealed class SafetensorsHeader
{
    /// <summary>Longest header that the format allows, in bytes.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    private const int Alignment = 64;

    /// <summary>Most tensors, and most keys of the metadata, that a header is read with: what is kept of each takes more memory than a line of the header.</summary>
    private const int MaxEntries = 100_000;

    /// <summary>Most dimensions of a tensor: those of PyTorch.</summary>
    private const int MaxDimensions = 64;

    /// <summary>Creates a header.</summary>
    /// <param name="metadata">Free text under <c>__metadata__</c>, written in this order.</param>
    /// <param name="tensors">Tensors in the order of their data; offsets must be contiguous from 0.</param>
    public SafetensorsHeader(IReadOnlyList<KeyValuePair<string, string>> metadata, IReadOnlyList<TensorLayout> tensors)
        => (Metadata, Tensors) = (metadata, tensors);

    /// <summary>Free text under <c>__metadata__</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; }

    /// <summary>Tensors in the order of their data.</summary>
    public IReadOnlyList<TensorLayout> Tensors { get; }

    /// <summary>Bytes an element of a type takes.</summary>
    /// <param name="type">Type as the format writes it.</param>
    /// <exception cref="MalformedException">The type is unknown.</exception>
    public static int ElementBytes(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => throw new MalformedException($"Tensor type '{type}' is unknown."),
    };

    /// <summary>Everything before the data section: length, JSON, and spaces up to a multiple of 64 bytes.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        stream.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in Metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            foreach (var tensor in Tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type);
                json.WriteStartArray("shape");
                foreach (var dimension in tensor.Shape)
                {
                    json.WriteNumberValue(dimension);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(tensor.Offset);
                json.WriteNumberValue(tensor.Offset + tensor.SizeBytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (stream.Length % Alignment != 0)
        {
            stream.WriteByte((byte)' ');
        }

        var bytes = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        return bytes;
    }

    /// <summary>Length of the JSON that follows the first eight bytes.</summary>
    /// <param name="prefix">The first eight bytes.</param>
    /// <param name="fileBytes">Size of the file.</param>
    /// <exception cref="MalformedException">The length is impossible.</exception>
    public static int JsonBytes(ReadOnlySpan<byte> prefix, long fileBytes)
    {
        var length = prefix.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(prefix);
        return length is >= 2 and <= MaxHeaderBytes && length <= fileBytes - 8
            ? (int)length
            : fileBytes < 8 ? throw new MalformedException($"It has {Counted.Of(fileBytes, "byte")}, which is too short for a header.")
            : throw new MalformedException(string.Create(CultureInfo.InvariantCulture, $"A header of {length} bytes does not fit into a file of {Counted.Of(fileBytes, "byte")}."));
    }

    /// <summary>Reads the JSON of a header.</summary>
    /// <param name="json">The JSON, padding included.</param>
    /// <param name="dataBytes">Size of the data section: file less header.</param>
    /// <exception cref="MalformedException">Anything that the format does not allow.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes)
    {
        var metadata = new List<KeyValuePair<string, string>>();
        var tensors = new List<TensorLayout>();
        try
        {
            // Token by token, so that a header takes no more memory than what it says.
            var reader = new Utf8JsonReader(json);
            Expect(ref reader, JsonTokenType.StartObject);
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (NextName(ref reader) is { } name)
            {
                if (!names.Add(name))
                {
                    throw new MalformedException($"Tensor '{name}' is named twice.");
                }

                if (name == "__metadata__")
                {
                    ParseMetadata(ref reader, metadata);
                }
                else
                {
                    tensors.Add(tensors.Count < MaxEntries ? ParseTensor(ref reader, name) : throw new MalformedException($"The header names more than {MaxEntries} tensors."));
                }
            }

            if (json[(int)reader.BytesConsumed..].ContainsAnyExcept((byte)' '))
            {
                throw new MalformedException("The header ends with characters other than spaces.");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or OverflowException)
        {
            throw new MalformedException($"Its header is malformed: {PlainReason.Of(e)}.", e);
        }

        // A tensor without elements begins where the next one does, and comes first; otherwise in the order of the header.
        tensors = [.. tensors.OrderBy(t => t.Offset).ThenBy(t => t.SizeBytes > 0)];
        long end = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
            {
                throw new MalformedException($"Tensor '{tensor.Name}' begins at {tensor.Offset}, expected {end}.");
            }

            end += tensor.SizeBytes;
        }

        return end == dataBytes
            ? new SafetensorsHeader(metadata, tensors)
            : throw new MalformedException($"The tensors take {Counted.Of(end, "byte")}, the file holds {dataBytes}.");
    }

    private static void ParseMetadata(ref Utf8JsonReader reader, List<KeyValuePair<string, string>> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (NextName(ref reader) is { } key)
        {
            if (!keys.Add(key) || keys.Count > MaxEntries)
            {
                throw new MalformedException(keys.Count > MaxEntries ? $"The metadata have more than {MaxEntries} keys." : "A key of the metadata is named twice.");
            }

            Expect(ref reader, JsonTokenType.String);
            metadata.Add(new(key, reader.GetString()!));
        }
    }

    private static TensorLayout ParseTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (NextName(ref reader) is { } key)
        {
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String);
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = Integers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Integers(ref reader, name);
                    break;
                default:
                    throw new MalformedException($"Tensor '{name}' has the key '{key}', expected dtype, shape and data_offsets, each once.");
            }
        }

        if (type is null || shape is null || offsets is not [var start, var end])
        {
            throw new MalformedException($"Tensor '{name}' needs a dtype, a shape and two data_offsets.");
        }

        long size = ElementBytes(type);
        foreach (var dimension in shape)
        {
            size = dimension >= 0 ? checked(size * dimension) : throw new MalformedException($"Tensor '{name}' has a negative dimension.");
        }

        return start >= 0 && end >= start && end - start == size
            ? new TensorLayout(name, type, shape, start, size)
            : throw new MalformedException($"Tensor '{name}' of {Counted.Of(size, "byte")} has offsets {start} to {end}.");
    }

    private static long[] Integers(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        var values = new List<long>();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            values.Add(values.Count < MaxDimensions && reader.TryGetInt64(out var value) ? value : throw new MalformedException($"Tensor '{name}' has more than {MaxDimensions} dimensions, or a dimension that is not a whole number."));
        }

        return reader.TokenType == JsonTokenType.EndArray ? [.. values] : throw new MalformedException($"Tensor '{name}' has a list with values other than numbers.");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new MalformedException($"The header has a {reader.TokenType} at byte {reader.TokenStartIndex}, expected a {type}.");
        }
    }

    /// <summary>The name of an object's next member, or <see langword="null"/> at its end.</summary>
    private static string? NextName(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
}
