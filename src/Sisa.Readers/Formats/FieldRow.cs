using System.Text;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>The kinds of values of a field.</summary>
public enum FieldKind
{
    /// <summary>Nothing, or null.</summary>
    Missing,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A number, as the text that the file has.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>An array of numbers, in <see cref="FieldRow.Vector"/>.</summary>
    Vector,

    /// <summary>An object, or an array where none belongs.</summary>
    Nested,
}

/// <summary>The mapped fields of one row of any format, as UTF-8.</summary>
/// <remarks>Reused from row to row without allocating; spans are valid until the next <see cref="Clear"/>. Values lie in the
/// reader's own buffer where they can, in the arena of this row otherwise.</remarks>
public sealed class FieldRow
{
    private static readonly byte[] _true = "true"u8.ToArray();
    private static readonly byte[] _false = "false"u8.ToArray();

    private readonly Slot[] _slots;
    private readonly bool[] _everSeen;
    private byte[] _arena = new byte[1024];
    private int _arenaUsed;
    private double[] _vector = new double[16];

    /// <summary>Creates the row.</summary>
    /// <param name="map">The mapped fields.</param>
    internal FieldRow(FieldMap map)
    {
        Map = map;
        _slots = new Slot[map.Names.Count];
        _everSeen = new bool[map.Names.Count];
    }

    /// <summary>The mapped fields.</summary>
    public FieldMap Map { get; }

    /// <summary>One-based line or row.</summary>
    public long Number { get; private set; }

    /// <summary>Last line of the row; <see langword="null"/> if the format has no lines.</summary>
    public long? LastNumber { get; private set; }

    /// <summary>Why the row cannot be used, or <see langword="null"/>.</summary>
    public RowFault? Fault { get; set; }

    /// <summary>IDX: the encoded pixels.</summary>
    public ReadOnlyMemory<byte> Pixels { get; set; }

    /// <summary>IDX: the label, which is an index; <see langword="null"/> for formats whose labels are text.</summary>
    public int? LabelIndex { get; set; }

    /// <summary>Numbers of the vector field.</summary>
    public ReadOnlySpan<double> Vector => _vector.AsSpan(0, VectorLength);

    /// <summary>Number of elements in the vector field.</summary>
    public int VectorLength { get; private set; }

    /// <summary>Starts the next row.</summary>
    /// <param name="number">Its one-based line or row.</param>
    /// <param name="lastNumber">Its last line; <see langword="null"/> if the format has no lines.</param>
    public void Clear(long number, long? lastNumber = null)
    {
        (Number, LastNumber) = (number, lastNumber);
        Fault = null;
        LabelIndex = null;
        Array.Clear(_slots);
        _arenaUsed = 0;
        VectorLength = 0;
    }

    /// <summary>The kind of value of a slot.</summary>
    /// <param name="slot">The slot.</param>
    public FieldKind Kind(int slot) => _slots[slot].Kind;

    /// <summary>Whether the row names the field, be it with null.</summary>
    /// <param name="slot">The slot.</param>
    public bool IsPresent(int slot) => _slots[slot].IsPresent;

    /// <summary>Whether any row so far named the field.</summary>
    /// <param name="slot">The slot.</param>
    public bool WasEverSeen(int slot) => _everSeen[slot];

    /// <summary>Bytes of a slot; empty for a missing field.</summary>
    /// <param name="slot">The slot.</param>
    public ReadOnlySpan<byte> Value(int slot) => Memory(slot).Span;

    /// <summary>Bytes of a slot; empty for a missing field.</summary>
    /// <param name="slot">The slot.</param>
    public ReadOnlyMemory<byte> Memory(int slot)
    {
        ref readonly var found = ref _slots[slot];
        return new ReadOnlyMemory<byte>(found.Buffer, found.Offset, found.Length);
    }

    /// <summary>Whether a text means a missing value: it is empty, or the question mark of numeric tables.</summary>
    /// <param name="value">The text.</param>
    public static bool IsBlank(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t"u8);
        return value.IsEmpty || value.SequenceEqual("?"u8);
    }

    /// <summary>Sets a slot to bytes in place.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="kind">Kind of the value.</param>
    /// <param name="buffer">Buffer that is not overwritten before the next <see cref="Clear"/>.</param>
    /// <param name="offset">Start of the value.</param>
    /// <param name="length">Length of the value.</param>
    public void Set(int slot, FieldKind kind, byte[] buffer, int offset, int length)
    {
        _slots[slot] = new Slot { Kind = kind, IsPresent = true, Buffer = buffer, Offset = offset, Length = length };
        _everSeen[slot] = true;
    }

    /// <summary>Sets a slot to the first bytes of the space that <see cref="Reserve"/> gave last.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="kind">Kind of the value.</param>
    /// <param name="length">Bytes used of the space.</param>
    public void SetReserved(int slot, FieldKind kind, int length)
    {
        Set(slot, kind, _arena, _arenaUsed, length);
        _arenaUsed += length;
    }

    /// <summary>Sets a slot to a copy of characters, as UTF-8.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="kind">Kind of the value.</param>
    /// <param name="text">The characters.</param>
    public void Set(int slot, FieldKind kind, ReadOnlySpan<char> text) =>
        SetReserved(slot, kind, Encoding.UTF8.GetBytes(text, Reserve(text.Length <= 1024 ? Encoding.UTF8.GetMaxByteCount(text.Length) : Encoding.UTF8.GetByteCount(text))));

    /// <summary>Sets a slot to a truth value.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="value">The value.</param>
    public void Set(int slot, bool value)
    {
        var text = value ? _true : _false;
        Set(slot, FieldKind.Boolean, text, 0, text.Length);
    }

    /// <summary>Sets a slot to a kind without bytes.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="kind">Kind of the value.</param>
    public void Set(int slot, FieldKind kind) => Set(slot, kind, _arena, 0, 0);

    /// <summary>Adds an element to the vector field.</summary>
    /// <param name="value">The element.</param>
    public void AddToVector(double value)
    {
        if (VectorLength == _vector.Length)
        {
            Array.Resize(ref _vector, _vector.Length * 2);
        }

        _vector[VectorLength++] = value;
    }

    /// <summary>Space that lasts until the next <see cref="Clear"/>.</summary>
    /// <param name="length">Bytes that may be needed.</param>
    /// <remarks>Earlier values keep their array, so that growing moves nothing.</remarks>
    public Span<byte> Reserve(int length)
    {
        if (_arena.Length - _arenaUsed < length)
        {
            _arena = new byte[Math.Max(length, Math.Min(_arena.Length * 2, 1 << 20))];
            _arenaUsed = 0;
        }

        return _arena.AsSpan(_arenaUsed, length);
    }

    /// <summary>Joins several slots with a joint, in the arena.</summary>
    /// <param name="slots">The slots; a missing one counts as empty.</param>
    /// <param name="joint">The joint between two fields.</param>
    /// <param name="joining">Whether joints within the values are escaped; see <see cref="JoinedFields"/>.</param>
    internal ReadOnlyMemory<byte> Join(int[] slots, char joint, FieldJoining joining)
    {
        if (slots.Length == 1)
        {
            return Memory(slots[0]);
        }

        var length = slots.Length - 1;
        foreach (var slot in slots)
        {
            length += _slots[slot].Length * (joining == FieldJoining.Escaped ? 2 : 1);
        }

        var space = Reserve(length);
        var at = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (i > 0)
            {
                space[at++] = (byte)joint;
            }

            // Behind the last part of a text comes nothing that it could be taken for.
            var value = Value(slots[i]);
            var isEscaped = joining == FieldJoining.Escaped && !(joint == JoinedFields.TextJoint && i == slots.Length - 1);
            if (!isEscaped)
            {
                value.CopyTo(space[at..]);
            }

            at += isEscaped ? JoinedFields.Write(value, (byte)joint, space[at..]) : value.Length;
        }

        var joined = new ReadOnlyMemory<byte>(_arena, _arenaUsed, at);
        _arenaUsed += at;
        return joined;
    }

    private struct Slot
    {
        public FieldKind Kind;
        public bool IsPresent;
        public byte[]? Buffer;
        public int Offset;
        public int Length;
    }
}
