using System.Buffers;
using System.Text;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>Writes Thrift's compact protocol, as far as a Parquet footer needs it.</summary>
/// <remarks>Specification: <c>thrift-compact-protocol.md</c> of Apache Thrift. The caller writes fields in ascending order of their numbers.</remarks>
internal sealed class ThriftWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Stack<int> _outer = new();
    private int _last;

    /// <summary>The bytes written so far.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>Writes a 32-bit integer.</summary>
    /// <param name="id">Number of the field.</param>
    /// <param name="value">Its value.</param>
    public void Int32(int id, int value)
    {
        Head(id, CompactThrift.Int32);
        Varint(unchecked((uint)((value << 1) ^ (value >> 31))));
    }

    /// <summary>Writes a 64-bit integer.</summary>
    /// <param name="id">Number of the field.</param>
    /// <param name="value">Its value.</param>
    public void Int64(int id, long value)
    {
        Head(id, CompactThrift.Int64);
        Varint(unchecked((ulong)((value << 1) ^ (value >> 63))));
    }

    /// <summary>Writes a truth value.</summary>
    /// <param name="id">Number of the field.</param>
    /// <param name="value">Its value.</param>
    public void Boolean(int id, bool value) => Head(id, value ? CompactThrift.True : CompactThrift.False);

    /// <summary>Writes a text.</summary>
    /// <param name="id">Number of the field.</param>
    /// <param name="text">Its value.</param>
    public void Text(int id, string text)
    {
        Head(id, CompactThrift.Binary);
        Element(text);
    }

    /// <summary>Writes a text that is an element of a list.</summary>
    /// <param name="text">The text.</param>
    public void Element(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Varint((ulong)utf8.Length);
        _bytes.Write(utf8);
    }

    /// <summary>Begins a list; the caller writes its elements.</summary>
    /// <param name="id">Number of the field.</param>
    /// <param name="element">Type of an element.</param>
    /// <param name="count">Their number.</param>
    public void List(int id, int element, int count)
    {
        Head(id, CompactThrift.List);
        Byte((byte)((Math.Min(count, 15) << 4) | element));
        if (count >= 15)
        {
            Varint((ulong)count);
        }
    }

    /// <summary>Begins a structure that is a field.</summary>
    /// <param name="id">Number of the field.</param>
    public void Begin(int id)
    {
        Head(id, CompactThrift.Struct);
        Begin();
    }

    /// <summary>Begins a structure that is an element of a list.</summary>
    public void Begin()
    {
        _outer.Push(_last);
        _last = 0;
    }

    /// <summary>Ends the structure that was begun last, or the whole.</summary>
    public void End()
    {
        Byte(0);
        _last = _outer.TryPop(out var last) ? last : 0;
    }

    /// <summary>Copies an element of a list.</summary>
    /// <param name="element">Its bytes in this protocol.</param>
    public void Copy(ReadOnlySpan<byte> element) => _bytes.Write(element);

    private void Head(int id, int type)
    {
        Byte((byte)(((id - _last) << 4) | type));
        _last = id;
    }

    private void Byte(byte value) => _bytes.Write([value]);

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }
}
