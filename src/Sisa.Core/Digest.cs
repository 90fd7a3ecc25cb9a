using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sisa;

/// <summary>A SHA-256 value: the name of a file, a lineage, a recipe, an environment.</summary>
/// <remarks>Immutable. The default value is 32 zero bytes and names nothing. Ordered as big-endian bytes; written as 64
/// lower-case hexadecimal digits.</remarks>
[JsonConverter(typeof(DigestJsonConverter))]
public readonly record struct Digest : IComparable<Digest>
{
    /// <summary>Length of the value in bytes.</summary>
    public const int SizeBytes = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Wraps 32 bytes.</summary>
    /// <param name="bytes">Exactly <see cref="SizeBytes"/> bytes; copied.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
        {
            throw new ArgumentException($"A digest has {SizeBytes} bytes, found {bytes.Length}.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The first 64 bits, big-endian: a uniform number derived from the whole input.</summary>
    public ulong High64 => _a;

    /// <summary>Bits 64 to 127, big-endian: a second number independent of <see cref="High64"/>.</summary>
    public ulong Low64 => _b;

    /// <summary>SHA-256 of some bytes.</summary>
    /// <param name="data">Any bytes, also none.</param>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        SHA256.HashData(data, hash);
        return new Digest(hash);
    }

    /// <summary>HMAC-SHA256 of some bytes.</summary>
    /// <param name="key">The secret key.</param>
    /// <param name="data">Any bytes, also none.</param>
    public static Digest Keyed(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        HMACSHA256.HashData(key, data, hash);
        return new Digest(hash);
    }

    /// <summary>Reads the hexadecimal form.</summary>
    /// <param name="hex">64 hexadecimal digits.</param>
    /// <exception cref="MalformedException">Anything else.</exception>
    public static Digest Parse(string hex)
    {
        ArgumentNullException.ThrowIfNull(hex);
        if (hex.Length != SizeBytes * 2)
        {
            throw new MalformedException($"A digest is {SizeBytes * 2} hexadecimal digits, found {hex.Length} characters.");
        }

        Span<byte> bytes = stackalloc byte[SizeBytes];
        return Convert.FromHexString(hex, bytes, out _, out _) == OperationStatus.Done ? new Digest(bytes) : throw new MalformedException($"A digest is {SizeBytes * 2} hexadecimal digits, found other characters.");
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least <see cref="SizeBytes"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The 32 bytes as a new array.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    // The digits as ASCII bytes, for JSON.
    internal void CopyHexTo(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, destination, out _);
    }

    /// <summary>The first twelve digits: enough for a person, never for a comparison.</summary>
    public string ToShortString() => ToString()[..12];

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <inheritdoc/>
    public int CompareTo(Digest other)
    {
        var order = _a.CompareTo(other._a);
        order = order != 0 ? order : _b.CompareTo(other._b);
        order = order != 0 ? order : _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    /// <summary>Big-endian byte order.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Big-endian byte order.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Big-endian byte order.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Big-endian byte order.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}

/// <summary>Writes a <see cref="Digest"/> as its hexadecimal text.</summary>
public sealed class DigestJsonConverter : JsonConverter<Digest>
{
    /// <inheritdoc/>
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return Digest.Parse(reader.GetString() ?? string.Empty);
        }
        catch (FormatException e)
        {
            throw new MalformedJsonException(PlainReason.Of(e), e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> hex = stackalloc byte[Digest.SizeBytes * 2];
        value.CopyHexTo(hex);
        writer.WriteStringValue(hex);
    }
}
