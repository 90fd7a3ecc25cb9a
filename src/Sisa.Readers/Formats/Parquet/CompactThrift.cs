namespace Sisa.Readers.Formats.Parquet;

/// <summary>Reads Thrift's compact protocol, in which Parquet's metadata are written.</summary>
/// <remarks>Specification: <c>thrift-compact-protocol.md</c> of Apache Thrift. Every step is bounded by the data, and nesting by
/// <see cref="MaxDepth"/>.</remarks>
internal ref struct CompactThrift(ReadOnlySpan<byte> data)
{
    /// <summary>Type of a field that is true. The type is its value.</summary>
    public const int True = 1;

    /// <summary>Type of a field that is false.</summary>
    public const int False = 2;

    /// <summary>Type of a 32-bit integer.</summary>
    public const int Int32 = 5;

    /// <summary>Type of a 64-bit integer.</summary>
    public const int Int64 = 6;

    /// <summary>Type of a text or other bytes.</summary>
    public const int Binary = 8;

    /// <summary>Type of a list.</summary>
    public const int List = 9;

    /// <summary>Type of a structure.</summary>
    public const int Struct = 12;

    private const int Byte8 = 3;
    private const int Real = 7;
    private const int Set = 10;
    private const int Map = 11;
    private const int MaxDepth = 32;

    private ReadOnlySpan<byte> _rest = data;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Rest => _rest.Length;

    /// <summary>Reads the head of a structure's next field.</summary>
    /// <param name="id">Id of the field before, 0 at first; receives that of this one.</param>
    /// <param name="type">Type of the field.</param>
    /// <returns><see langword="false"/> at the end of the structure.</returns>
    /// <exception cref="MalformedException">The data end first.</exception>
    public bool NextField(ref int id, out int type)
    {
        var head = Byte();
        type = head & 0xF;
        if (head == 0)
        {
            return false;
        }

        // A field's id is a step from the one before, in the high four bits, or follows by itself.
        id = head >> 4 == 0 ? Integer() : id + (head >> 4);
        return id is > 0 and <= short.MaxValue ? true : throw Damaged();
    }

    /// <summary>Reads an integer of 16 or 32 bits.</summary>
    /// <exception cref="MalformedException">The data end first.</exception>
    public int Integer()
    {
        var zigzag = Varint();
        return unchecked((int)(zigzag >> 1) ^ -(int)(zigzag & 1));
    }

    /// <summary>Reads an integer of 64 bits.</summary>
    /// <exception cref="MalformedException">The data end first.</exception>
    public long Long()
    {
        var zigzag = Varint();
        return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
    }

    /// <summary>Reads a text or other bytes.</summary>
    /// <exception cref="MalformedException">The data end first.</exception>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        var bytes = _rest;
        Advance(length);
        return bytes[..(int)length];
    }

    /// <summary>Reads the head of a list.</summary>
    /// <returns>The number of its elements, which take a byte each at least.</returns>
    /// <exception cref="MalformedException">The data end first.</exception>
    public int ListLength()
    {
        var head = Byte();
        var count = head >> 4 == 15 ? Varint() : (ulong)(head >> 4);
        return count <= (ulong)_rest.Length ? (int)count : throw Damaged();
    }

    /// <summary>Passes over a structure's fields up to its end, and checks that each is of its type.</summary>
    /// <param name="shape">The fields that the structure may have; what it does not name may be of any type that every reader can pass over.</param>
    /// <exception cref="MalformedException">The data end first, or are not such a structure.</exception>
    public void Check(ThriftShape shape) => Check(shape, 0);

    /// <summary>Passes over a value.</summary>
    /// <param name="type">Its type.</param>
    /// <exception cref="MalformedException">The data end first, or are no Thrift.</exception>
    public void Skip(int type) => Skip(type, isElement: false, depth: 0);

    private void Check(ThriftShape shape, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new MalformedException("Its metadata are nested too deeply.");
        }

        var id = 0;
        while (NextField(ref id, out var type))
        {
            switch (shape[id])
            {
                case null when type is Byte8 or Real or Set or Map or > Struct:
                    throw Damaged();
                case null when type == Struct:
                    Check(ThriftShape.Empty, depth + 1);
                    break;
                case null:
                    Skip(type, isElement: false, depth);
                    break;
                case { } field when field.Type != (type == False ? True : type):
                    throw Damaged();
                case { Type: Struct, Shape: { } inner }:
                    Check(inner, depth + 1);
                    break;
                case { Type: List } field:
                    CheckList(field, depth);
                    break;
                default:
                    Skip(type, isElement: false, depth);
                    break;
            }
        }
    }

    private void CheckList(ThriftField field, int depth)
    {
        var head = Byte();
        var count = head >> 4 == 15 ? Varint() : (ulong)(head >> 4);
        if ((count > 0 && (head & 0xF) != field.Element) || count > (ulong)_rest.Length)
        {
            throw Damaged();
        }

        for (; count > 0; count--)
        {
            if (field.Shape is { } shape)
            {
                Check(shape, depth + 1);
            }
            else
            {
                Skip(field.Element, isElement: true, depth + 1);
            }
        }
    }

    private void SkipStruct(int depth)
    {
        var id = 0;
        while (NextField(ref id, out var type))
        {
            Skip(type, isElement: false, depth);
        }
    }

    private static MalformedException Damaged() => new("Its metadata are damaged.");

    private void Skip(int type, bool isElement, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new MalformedException("Its metadata are nested too deeply.");
        }

        switch (type)
        {
            case 1 or 2:
                // A truth value is part of the type, except in lists.
                Advance(isElement ? 1ul : 0);
                break;
            case 3:
                Advance(1);
                break;
            case 4 or Int32 or Int64:
                Varint();
                break;
            case 7:
                Advance(8);
                break;
            case Binary:
                Advance(Varint());
                break;
            case List or Set:
                var list = Byte();
                SkipElements(list >> 4 == 15 ? Varint() : (ulong)(list >> 4), [list & 0xF], depth);
                break;
            case Map:
                var count = Varint();
                var types = count == 0 ? 0 : Byte();
                SkipElements(count, [types >> 4, types & 0xF], depth);
                break;
            case Struct:
                SkipStruct(depth + 1);
                break;
            default:
                throw Damaged();
        }
    }

    /// <summary>Passes over a list's elements, or over pairs of keys and values.</summary>
    private void SkipElements(ulong count, scoped ReadOnlySpan<int> types, int depth)
    {
        // Every element takes a byte at least.
        if (count > (ulong)_rest.Length)
        {
            throw new MalformedException("Its metadata are damaged: a list is longer than the metadata.");
        }

        for (; count > 0; count--)
        {
            foreach (var type in types)
            {
                Skip(type, isElement: true, depth + 1);
            }
        }
    }

    private int Byte()
    {
        if (_rest.IsEmpty)
        {
            throw new MalformedException("Its metadata end too early.");
        }

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    private ulong Varint()
    {
        var value = 0ul;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw new MalformedException("Its metadata are damaged: a number does not end.");
    }

    private void Advance(ulong bytes)
    {
        if (bytes > (ulong)_rest.Length)
        {
            throw new MalformedException("Its metadata end too early.");
        }

        _rest = _rest[(int)bytes..];
    }
}
