using System.Buffers.Binary;

namespace Sisa.Readers.Formats;

/// <summary>The CRC-32 of gzip (RFC 1952, section 8), eight bytes a step.</summary>
internal static class Crc32
{
    private static readonly uint[] _tables = CreateTables();

    /// <summary>Continues a checksum.</summary>
    /// <param name="crc">The checksum so far; 0 at the start.</param>
    /// <param name="data">Further bytes.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        var t = _tables;
        crc = ~crc;
        while (data.Length >= 8)
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = t[(7 * 256) + (byte)low] ^ t[(6 * 256) + (byte)(low >> 8)] ^ t[(5 * 256) + (byte)(low >> 16)] ^ t[(4 * 256) + (low >> 24)]
                ^ t[(3 * 256) + (byte)high] ^ t[(2 * 256) + (byte)(high >> 8)] ^ t[256 + (byte)(high >> 16)] ^ t[high >> 24];
            data = data[8..];
        }

        foreach (var b in data)
        {
            crc = t[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] CreateTables()
    {
        const uint Polynomial = 0xEDB88320;
        var tables = new uint[8 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ Polynomial;
            }

            tables[i] = value;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            var before = tables[i - 256];
            tables[i] = tables[(byte)before] ^ (before >> 8);
        }

        return tables;
    }
}
