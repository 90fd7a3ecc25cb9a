using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Sisa.Torch;

/// <summary>Records of a TensorBoard event file: scalars by name and step.</summary>
/// <remarks>TorchSharp can write them too, but loads libtorch for it, which takes longer than many a stage. Each record is its length, a checksum of that, a message <c>tensorflow.Event</c> and a checksum of
/// it (tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto); a test reads them with TorchSharp's own message types. Not thread-safe.</remarks>
internal sealed class EventRecords
{
    private readonly ArrayBufferWriter<byte> _file = new();
    private readonly double _seconds;

    /// <summary>Begins a file.</summary>
    /// <param name="now">Time of all its records.</param>
    public EventRecords(DateTimeOffset now)
    {
        _seconds = now.ToUnixTimeMilliseconds() / 1000.0;
        Add(Text(field: 3, "brain.Event:2"u8));
    }

    /// <summary>The file so far.</summary>
    public ReadOnlySpan<byte> Bytes => _file.WrittenSpan;

    /// <summary>Adds a scalar.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="step">The step that it belongs to.</param>
    public void Add(string name, float value, long step)
    {
        var number = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(number, value);

        // Event.step and Event.summary, of one Summary.Value with tag and simple_value.
        byte[] scalar = [.. Text(field: 1, Encoding.UTF8.GetBytes(name)), Key(field: 2, Fixed32), .. number];
        Add([Key(field: 2, Varint), .. Number(step), .. Text(field: 5, Text(field: 1, scalar))]);
    }

    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private void Add(ReadOnlySpan<byte> message)
    {
        // Event.wall_time stands before everything else.
        const int TimeBytes = 1 + sizeof(double);
        var length = TimeBytes + message.Length;
        var record = _file.GetSpan(sizeof(long) + sizeof(uint) + length + sizeof(uint));
        BinaryPrimitives.WriteInt64LittleEndian(record, length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], Checksum(record[..8]));
        var data = record.Slice(12, length);
        data[0] = Key(field: 1, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(data[1..], _seconds);
        message.CopyTo(data[TimeBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[(12 + length)..], Checksum(data));
        _file.Advance(12 + length + sizeof(uint));
    }

    private static byte Key(int field, int wire) => (byte)((field << 3) | wire);

    private static byte[] Text(int field, ReadOnlySpan<byte> content) => [Key(field, Delimited), .. Number(content.Length), .. content];

    private static byte[] Number(long value)
    {
        var bytes = new List<byte>();
        for (var rest = (ulong)value; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                bytes.Add((byte)rest);
                return [.. bytes];
            }

            bytes.Add((byte)(rest | 0x80));
        }
    }

    // CRC-32C, rotated and shifted, so that a checksum of data with checksums in it is no weaker (tensorflow/core/lib/hash/crc32c.h).
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
