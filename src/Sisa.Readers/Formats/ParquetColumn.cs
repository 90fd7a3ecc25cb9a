using System.Text.Unicode;
using Parquet.Data;
using Parquet.Schema;

namespace Sisa.Readers.Formats;

/// <summary>One column of a row group, read row by row.</summary>
internal abstract class ParquetColumn : IDisposable
{
    /// <summary>Wraps what Parquet.Net read.</summary>
    /// <param name="raw">The column; owned from now on.</param>
    /// <param name="field">Its declaration.</param>
    /// <param name="slot">Slot that it fills.</param>
    /// <param name="rowCount">Rows of the row group.</param>
    /// <exception cref="InvalidDataException">A type that is no scalar.</exception>
    public static ParquetColumn Of(RawColumnData raw, DataField field, int slot, int rowCount) => raw switch
    {
        RawColumnData<ReadOnlyMemory<char>> text => new ParquetColumn<ReadOnlyMemory<char>>(text, field, slot, rowCount, static (row, at, value) => row.Set(at, FieldKind.Text, value.Span), null),
        RawColumnData<ReadOnlyMemory<byte>> bytes => new ParquetColumn<ReadOnlyMemory<byte>>(bytes, field, slot, rowCount, SetBytes, null),
        RawColumnData<bool> truth => new ParquetColumn<bool>(truth, field, slot, rowCount, static (row, at, value) => row.Set(at, value), null),
        RawColumnData<sbyte> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<byte> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<short> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<ushort> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<int> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<uint> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<long> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<ulong> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<float> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<double> n => Number(n, field, slot, rowCount, static v => v),
        RawColumnData<decimal> n => Number(n, field, slot, rowCount, static v => (double)v),
        RawColumnData<DateTime> time => Formatted(time, field, slot, rowCount, "O"),
        RawColumnData<DateOnly> date => Formatted(date, field, slot, rowCount, "O"),
        RawColumnData<TimeSpan> span => Formatted(span, field, slot, rowCount, "c"),
        RawColumnData<TimeOnly> time => Formatted(time, field, slot, rowCount, "O"),
        RawColumnData<Guid> guid => Formatted(guid, field, slot, rowCount, "D"),
        _ => throw new InvalidDataException($"Column '{field.Name}' is of a type that no field can be."),
    };

    /// <summary>Fills the slot from the next row.</summary>
    /// <param name="row">The row.</param>
    public abstract void Take(FieldRow row);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the buffers back.</summary>
    /// <param name="disposing">Always <see langword="true"/>.</param>
    protected abstract void Dispose(bool disposing);

    private static ParquetColumn<T> Number<T>(RawColumnData<T> raw, DataField field, int slot, int rowCount, Func<T, double> toDouble)
        where T : struct, IUtf8SpanFormattable =>
        new(raw, field, slot, rowCount, static (row, at, value) => Format(row, at, FieldKind.Number, value, default), toDouble);

    private static ParquetColumn<T> Formatted<T>(RawColumnData<T> raw, DataField field, int slot, int rowCount, string format)
        where T : struct, IUtf8SpanFormattable =>
        new(raw, field, slot, rowCount, (row, at, value) => Format(row, at, FieldKind.Text, value, format), null);

    private static void Format<T>(FieldRow row, int slot, FieldKind kind, T value, ReadOnlySpan<char> format)
        where T : struct, IUtf8SpanFormattable
    {
        const int LongestBytes = 128;
        value.TryFormat(row.Reserve(LongestBytes), out var written, format, System.Globalization.CultureInfo.InvariantCulture);
        row.SetReserved(slot, kind, written);
    }

    private static void SetBytes(FieldRow row, int slot, ReadOnlyMemory<byte> value)
    {
        if (!Utf8.IsValid(value.Span))
        {
            row.Fault ??= RowFault.InvalidUtf8($"Field '{row.Map.Names[slot]}'");
            return;
        }

        value.Span.CopyTo(row.Reserve(value.Length));
        row.SetReserved(slot, FieldKind.Text, value.Length);
    }
}

/// <summary>One column of a row group with values of one type.</summary>
/// <typeparam name="T">Type of a value.</typeparam>
internal sealed class ParquetColumn<T> : ParquetColumn
    where T : struct
{
    private readonly RawColumnData<T> _raw;
    private readonly DataField _field;
    private readonly int _slot;
    private readonly Action<FieldRow, int, T> _set;
    private readonly Func<T, double>? _toDouble;
    private int _entry;
    private int _value;

    /// <summary>Wraps the column; see <see cref="ParquetColumn.Of"/>.</summary>
    public ParquetColumn(RawColumnData<T> raw, DataField field, int slot, int rowCount, Action<FieldRow, int, T> set, Func<T, double>? toDouble)
    {
        _raw = raw;
        _field = field;
        _slot = slot;
        _set = set;
        _toDouble = toDouble;
        if (_field.MaxRepetitionLevel == 0 && (_field.MaxDefinitionLevel > 0 ? raw.DefinitionLevels.Length : raw.Values.Length) < rowCount)
        {
            throw new InvalidDataException($"Column '{field.Name}' has fewer values than its row group has rows.");
        }
    }

    /// <inheritdoc/>
    public override void Take(FieldRow row)
    {
        if (_field.MaxRepetitionLevel > 0)
        {
            TakeList(row);
        }
        else if (HasValue(_entry++))
        {
            _set(row, _slot, _raw.Values[_value++]);
        }
        else
        {
            row.Set(_slot, FieldKind.Missing);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _raw.Dispose();

    private bool HasValue(int entry) => _field.MaxDefinitionLevel == 0 || _raw.DefinitionLevels[entry] == _field.MaxDefinitionLevel;

    /// <summary>Entries belong to one row until the repetition level is zero again.</summary>
    private void TakeList(FieldRow row)
    {
        var repetition = _raw.RepetitionLevels;
        var isVector = _toDouble is not null && _slot == row.Map.Vector;
        var isMissing = true;
        var isWhole = true;
        do
        {
            if (HasValue(_entry))
            {
                isMissing = false;
                var value = _raw.Values[_value++];
                if (isVector)
                {
                    row.AddToVector(_toDouble!(value));
                }
            }
            else
            {
                // An empty list and a list with a null in it look alike here but for their number of entries.
                isWhole = false;
            }

            _entry++;
        }
        while (_entry < repetition.Length && repetition[_entry] > 0);
        row.Set(_slot, isMissing ? FieldKind.Missing : isVector && isWhole ? FieldKind.Vector : FieldKind.Nested);
    }
}
