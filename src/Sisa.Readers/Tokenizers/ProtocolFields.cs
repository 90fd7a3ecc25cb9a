namespace Sisa.Readers.Tokenizers;

/// <summary>Walks over the fields of a protocol buffer (the encoding of protobuf.dev): numbers and pieces of bytes, without knowing their message.</summary>
/// <remarks>Reads an untrusted message within its bytes and allocates nothing.</remarks>
/// <param name="message">The message.</param>
internal ref struct ProtocolFields(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>Number of the field.</summary>
    public int Field { get; private set; }

    /// <summary>Whether the field is a number; otherwise it is <see cref="Bytes"/>.</summary>
    public bool IsNumber { get; private set; }

    /// <summary>The number, of a field that is one.</summary>
    public long Number { get; private set; }

    /// <summary>The bytes of any other field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes on to the next field.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="MalformedException">The message is malformed.</exception>
    public bool Next()
    {
        if (_at == _message.Length)
        {
            return false;
        }

        var tag = Varint();
        (Field, var type) = ((int)(tag >> 3), (int)(tag & 7));
        IsNumber = type == 0;
        switch (type)
        {
            case 0:
                Number = Varint();
                return true;
            case 1:
                Bytes = Take(8);
                return true;
            case 2:
                Bytes = Take(Varint());
                return true;
            case 5:
                Bytes = Take(4);
                return true;
            default:
                throw new MalformedException($"a field has the unknown type {type}");
        }
    }

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > _message.Length - _at)
        {
            throw new MalformedException("it ends in the middle of a field");
        }

        _at += (int)length;
        return _message.Slice(_at - (int)length, (int)length);
    }

    private long Varint()
    {
        const int MaxBits = 64;
        var value = 0L;
        for (var shift = 0; shift < MaxBits; shift += 7)
        {
            var next = Take(1)[0];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new MalformedException("a number is longer than 64 bits");
    }
}
