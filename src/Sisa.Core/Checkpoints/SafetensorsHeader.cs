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
    /// <exception cref="FormatException">The type is unknown.</exception>
    public static int ElementBytes(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => throw new FormatException($"Tensor type '{type}' is unknown."),
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
    /// <exception cref="FormatException">The length is impossible.</exception>
    public static int JsonBytes(ReadOnlySpan<byte> prefix, long fileBytes)
    {
        var length = prefix.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(prefix);
        return length is >= 2 and <= MaxHeaderBytes && length <= fileBytes - 8
            ? (int)length
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"A header of {length} bytes cannot be in a file of {fileBytes} bytes."));
    }

    /// <summary>Reads the JSON of a header.</summary>
    /// <param name="json">The JSON, padding included.</param>
    /// <param name="dataBytes">Size of the data section: file less header.</param>
    /// <exception cref="FormatException">Anything that the format does not allow.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes)
    {
        var metadata = new List<KeyValuePair<string, string>>();
        var tensors = new List<TensorLayout>();
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                if (!names.Add(entry.Name))
                {
                    throw new FormatException($"Tensor '{entry.Name}' is named twice.");
                }

                if (entry.NameEquals("__metadata__"))
                {
                    metadata.AddRange(entry.Value.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value.GetString() ?? string.Empty)));
                    if (metadata.DistinctBy(m => m.Key).Count() != metadata.Count)
                    {
                        throw new FormatException("A key of the metadata is named twice.");
                    }
                }
                else
                {
                    tensors.Add(ParseTensor(entry));
                }
            }

            if (json[(int)reader.BytesConsumed..].ContainsAnyExcept((byte)' '))
            {
                throw new FormatException("The header is followed by something other than spaces.");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            throw new FormatException($"The header is not that of a safetensors file: {e.Message}", e);
        }

        // A tensor without elements begins where the next one does, and comes first; otherwise in the order of the header.
        tensors = [.. tensors.OrderBy(t => t.Offset).ThenBy(t => t.SizeBytes > 0)];
        long end = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
            {
                throw new FormatException($"Tensor '{tensor.Name}' begins at {tensor.Offset}, expected {end}.");
            }

            end += tensor.SizeBytes;
        }

        return end == dataBytes
            ? new SafetensorsHeader(metadata, tensors)
            : throw new FormatException($"The tensors take {end} bytes, the file holds {dataBytes}.");
    }

    private static TensorLayout ParseTensor(JsonProperty entry)
    {
        var type = entry.Value.GetProperty("dtype").GetString() ?? string.Empty;
        var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        var offsets = entry.Value.GetProperty("data_offsets");
        var (start, end) = offsets.GetArrayLength() == 2 ? (offsets[0].GetInt64(), offsets[1].GetInt64()) : throw new FormatException($"Tensor '{entry.Name}' has not two offsets.");
        long size = ElementBytes(type);
        foreach (var dimension in shape)
        {
            size = dimension >= 0 ? checked(size * dimension) : throw new FormatException($"Tensor '{entry.Name}' has a negative dimension.");
        }

        return start >= 0 && end >= start && end - start == size
            ? new TensorLayout(entry.Name, type, shape, start, size)
            : throw new FormatException($"Tensor '{entry.Name}' of {size} bytes has offsets {start} to {end}.");
    }
}
