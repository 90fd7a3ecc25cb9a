using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;
using ParquetSharp;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>One column of a row group, read row by row.</summary>
internal abstract class ParquetColumn : IDisposable
{
    private delegate int TextWriter<T>(Span<byte> text, T value);

    /// <summary>Begins to read a column.</summary>
    /// <param name="reader">The library's reader; owned from now on.</param>
    /// <param name="field">Its declaration; a field can be it.</param>
    /// <param name="slot">Slot that it fills.</param>
    /// <param name="batchSize">Values that are asked for at once.</param>
    public static ParquetColumn Of(ColumnReader reader, ParquetField field, int slot, int batchSize)
    {
        var type = field.Type!;
        var (scale, unit, length) = (type.Scale, type.UnitsPerSecond, type.LengthBytes);
        var zone = type.Meaning == ParquetMeaning.Instant ? "Z" : "+00:00";
        return (type.Meaning, type.Physical) switch
        {
            (ParquetMeaning.Plain, ParquetPhysical.Boolean) => Column<bool>(static (row, at, value) => row.Set(at, value)),
            (ParquetMeaning.Plain, ParquetPhysical.Int32) => Number<int>(ParquetText.Number, static value => value),
            (ParquetMeaning.Plain, ParquetPhysical.Int64) => Number<long>(ParquetText.Number, static value => value),
            (ParquetMeaning.Plain, ParquetPhysical.Float) => Number<float>(ParquetText.Number, static value => value),
            (ParquetMeaning.Plain, ParquetPhysical.Double) => Number<double>(ParquetText.Number, static value => value),
            (ParquetMeaning.Plain, ParquetPhysical.Int96) => Text<Int96>(static (text, value) => ParquetText.Int96(text, value.C, ((long)value.B << 32) | (uint)value.A)),
            (ParquetMeaning.Plain, ParquetPhysical.ByteArray) => Column<ByteArray>(static (row, at, value) => SetBytes(row, at, Span(value))),
            (ParquetMeaning.Plain, _) => Column<FixedLenByteArray>((row, at, value) => SetBytes(row, at, Span(value, length))),
            (ParquetMeaning.Unsigned, ParquetPhysical.Int32) => Number<int>(static (text, value) => ParquetText.Number(text, unchecked((uint)value)), static value => unchecked((uint)value)),
            (ParquetMeaning.Unsigned, _) => Number<long>(static (text, value) => ParquetText.Number(text, unchecked((ulong)value)), static value => unchecked((ulong)value)),
            (ParquetMeaning.Decimal, ParquetPhysical.Int32) => Decimal<int>((text, value) => ParquetText.Decimal(text, value, scale)),
            (ParquetMeaning.Decimal, ParquetPhysical.Int64) => Decimal<long>((text, value) => ParquetText.Decimal(text, value, scale)),
            (ParquetMeaning.Decimal, ParquetPhysical.ByteArray) => Decimal<ByteArray>((text, value) => ParquetText.Decimal(text, Span(value), scale)),
            (ParquetMeaning.Decimal, _) => Decimal<FixedLenByteArray>((text, value) => ParquetText.Decimal(text, Span(value, length), scale)),
            (ParquetMeaning.Date, _) => Text<int>(ParquetText.Date),
            (ParquetMeaning.Uuid, _) => Text<FixedLenByteArray>((text, value) => ParquetText.Uuid(text, Span(value, length))),
            (ParquetMeaning.Half, _) => Number<FixedLenByteArray>((text, value) => ParquetText.Half(text, Span(value, length)), value => (double)BinaryPrimitives.ReadHalfLittleEndian(Span(value, length))),
            _ => Text<long>((text, value) => ParquetText.Timestamp(text, value, unit, zone)),
        };

        ParquetColumn Column<T>(Action<FieldRow, int, T> set, Func<T, double>? toDouble = null)
            where T : unmanaged => new ParquetColumn<T>((ColumnReader<T>)reader, field, slot, batchSize, set, toDouble);

        ParquetColumn Number<T>(TextWriter<T> write, Func<T, double> toDouble)
            where T : unmanaged => Column<T>((row, at, value) => row.SetReserved(at, FieldKind.Number, write(row.Reserve(ParquetText.MaxBytes), value)), toDouble);

        // The double nearest to the number that the text says.
        ParquetColumn Decimal<T>(TextWriter<T> write)
            where T : unmanaged => Number(write, value =>
            {
                Span<byte> text = stackalloc byte[ParquetText.MaxBytes];
                return double.Parse(text[..write(text, value)], CultureInfo.InvariantCulture);
            });

        ParquetColumn Text<T>(TextWriter<T> write)
            where T : unmanaged => Column<T>((row, at, value) => row.SetReserved(at, FieldKind.Text, write(row.Reserve(ParquetText.MaxBytes), value)));
    }

    /// <summary>Fills the slot from the next row.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="MalformedException">The column has no further row.</exception>
    public abstract void Take(FieldRow row);

    /// <summary>Checks that no row is left.</summary>
    /// <exception cref="MalformedException">There is one.</exception>
    public abstract void RequireEnd();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the buffers back.</summary>
    /// <param name="disposing">Always <see langword="true"/>.</param>
    protected abstract void Dispose(bool disposing);

    // The library owns the bytes, and they remain until further values are requested.
    private static unsafe ReadOnlySpan<byte> Span(ByteArray value) => new(value.Pointer.ToPointer(), value.Length);

    private static unsafe ReadOnlySpan<byte> Span(FixedLenByteArray value, int length) => new(value.Pointer.ToPointer(), length);

    private static void SetBytes(FieldRow row, int slot, ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value))
        {
            row.Fault ??= RowFault.InvalidUtf8($"Field '{row.Map.Names[slot]}'");
            return;
        }

        value.CopyTo(row.Reserve(value.Length));
        row.SetReserved(slot, FieldKind.Text, value.Length);
    }
}

/// <summary>One column of a row group with values of one type.</summary>
/// <typeparam name="T">Type of a value.</typeparam>
/// <param name="reader">The library's reader; owned.</param>
/// <param name="field">Declaration of the column.</param>
/// <param name="slot">Slot that it fills.</param>
/// <param name="batchSize">Values that are asked for at once.</param>
/// <param name="set">Fills a slot with a value.</param>
/// <param name="toDouble">The value as an element of a vector; <see langword="null"/> if it is no number.</param>
internal sealed class ParquetColumn<T>(ColumnReader<T> reader, ParquetField field, int slot, int batchSize, Action<FieldRow, int, T> set, Func<T, double>? toDouble) : ParquetColumn
    where T : unmanaged
{
    private readonly short[] _definitions = new short[batchSize];
    private readonly short[] _repetitions = new short[batchSize];
    private readonly T[] _values = new T[batchSize];

    /// <summary>Entries of the batch: values, nulls, and lists without elements.</summary>
    private int _entries;
    private int _entry;
    private int _value;
    private int _valueCount;

    /// <inheritdoc/>
    public override void Take(FieldRow row)
    {
        if (!HasEntry())
        {
            throw new MalformedException("it ends before its row group does");
        }

        if (field.IsList)
        {
            TakeList(row);
        }
        else if (TryTake(out var value))
        {
            set(row, slot, value);
        }
        else
        {
            row.Set(slot, FieldKind.Missing);
        }
    }

    /// <inheritdoc/>
    public override void RequireEnd()
    {
        if (HasEntry())
        {
            throw new MalformedException("it has more rows than its row group");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => reader.Dispose();

    /// <summary>Whether an entry is left; asks the library for further ones where the batch is used up.</summary>
    private bool HasEntry()
    {
        if (_entry < _entries)
        {
            return true;
        }

        if (!reader.HasNext)
        {
            return false;
        }

        var levels = reader.ReadBatch(batchSize, field.MaxDefinition > 0 ? _definitions : default, field.IsList ? _repetitions : default, _values, out var read);
        (_entry, _value, _valueCount) = (0, 0, (int)read);
        _entries = field.MaxDefinition > 0 ? (int)levels : _valueCount;
        return _entries > 0;
    }

    private bool TryTake(out T value)
    {
        if (field.MaxDefinition > 0 && _definitions[_entry] != field.MaxDefinition)
        {
            _entry++;
            value = default;
            return false;
        }

        if (_value == _valueCount)
        {
            throw new MalformedException("it has fewer values than its levels say");
        }

        _entry++;
        value = _values[_value++];
        return true;
    }

    /// <summary>Entries belong to one row until the repetition level is zero again.</summary>
    private void TakeList(FieldRow row)
    {
        if (_repetitions[_entry] != 0)
        {
            throw new MalformedException("one of its rows begins within a list");
        }

        var isVector = toDouble is not null && slot == row.Map.Vector;
        var isMissing = true;
        var isWhole = true;
        do
        {
            if (TryTake(out var value))
            {
                isMissing = false;
                if (isVector)
                {
                    row.AddToVector(toDouble!(value));
                }
            }
            else
            {
                // Only the number of entries distinguishes an empty list from a list with a null.
                isWhole = false;
            }
        }
        while (HasEntry() && _repetitions[_entry] > 0);
        row.Set(slot, isMissing ? FieldKind.Missing : isVector && isWhole ? FieldKind.Vector : FieldKind.Nested);
    }
}
