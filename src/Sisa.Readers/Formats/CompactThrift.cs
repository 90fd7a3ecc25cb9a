namespace Sisa.Readers.Formats;

/// <summary>Reads Thrift's compact protocol, in which Parquet's metadata are written, as far as looking for damage needs it.</summary>
/// <remarks>Specification: <c>thrift-compact-protocol.md</c> of Apache Thrift. Every step is bounded by the data, and nesting by
/// <see cref="MaxDepth"/>.</remarks>
internal ref struct CompactThrift(ReadOnlySpan<byte> data)
{
    /// <summary>Type of a 32-bit integer.</summary>
    public const int Int32 = 5;

    /// <summary>Type of a structure.</summary>
    public const int Struct = 12;

    private const int MaxDepth = 32;

    private ReadOnlySpan<byte> _rest = data;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Rest => _rest.Length;

    /// <summary>Reads the head of a structure's next field.</summary>
    /// <param name="id">Id of the field before, 0 at first; receives that of this one.</param>
    /// <param name="type">Type of the field.</param>
    /// <returns><see langword="false"/> at the end of the structure.</returns>
    /// <exception cref="InvalidDataException">The data end first.</exception>
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
        return true;
    }

    /// <summary>Reads an integer of 16 or 32 bits.</summary>
    /// <exception cref="InvalidDataException">The data end first.</exception>
    public int Integer()
    {
        var zigzag = Varint();
        return unchecked((int)(zigzag >> 1) ^ -(int)(zigzag & 1));
    }

    /// <summary>Passes over a structure's fields up to its end.</summary>
    /// <exception cref="InvalidDataException">The data end first, or are no Thrift.</exception>
    public void SkipStruct() => SkipStruct(0);

    /// <summary>Passes over a value.</summary>
    /// <param name="type">Its type.</param>
    /// <exception cref="InvalidDataException">The data end first, or are no Thrift.</exception>
    public void Skip(int type) => Skip(type, isElement: false, depth: 0);

    private void SkipStruct(int depth)
    {
        var id = 0;
        while (NextField(ref id, out var type))
        {
            Skip(type, isElement: false, depth);
        }
    }

    private void Skip(int type, bool isElement, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException("Its metadata are nested too deeply.");
        }

        switch (type)
        {
            case 1 or 2:
                // A truth value lies in the type itself, except in lists.
                Advance(isElement ? 1ul : 0);
                break;
            case 3:
                Advance(1);
                break;
            case 4 or Int32 or 6:
                Varint();
                break;
            case 7:
                Advance(8);
                break;
            case 8:
                Advance(Varint());
                break;
            case 9 or 10:
                var list = Byte();
                SkipElements(list >> 4 == 15 ? Varint() : (ulong)(list >> 4), [list & 0xF], depth);
                break;
            case 11:
                var count = Varint();
                var types = count == 0 ? 0 : Byte();
                SkipElements(count, [types >> 4, types & 0xF], depth);
                break;
            case Struct:
                SkipStruct(depth + 1);
                break;
            default:
                throw new InvalidDataException("Its metadata are damaged.");
        }
    }

    /// <summary>Passes over a list's elements, or over pairs of keys and values.</summary>
    private void SkipElements(ulong count, scoped ReadOnlySpan<int> types, int depth)
    {
        // Every element takes a byte at least.
        if (count > (ulong)_rest.Length)
        {
            throw new InvalidDataException("Its metadata are damaged: a list is longer than they are.");
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
            throw new InvalidDataException("Its metadata end too early.");
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

        throw new InvalidDataException("Its metadata are damaged: a number does not end.");
    }

    private void Advance(ulong bytes)
    {
        if (bytes > (ulong)_rest.Length)
        {
            throw new InvalidDataException("Its metadata end too early.");
        }

        _rest = _rest[(int)bytes..];
    }
}
