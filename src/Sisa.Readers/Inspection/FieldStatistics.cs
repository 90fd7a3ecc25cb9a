using System.Globalization;
using System.Text;
using Sisa.Readers.Features;
using Sisa.Readers.Formats;

namespace Sisa.Readers.Inspection;

/// <summary>What a look at the data learns about one field; bounded in memory, whatever the file's size.</summary>
internal sealed class FieldStatistics(string name)
{
    private const int MaxHashes = 200_000;
    private const int MaxValues = 1_000;

    private readonly HashSet<ulong> _hashes = [];
    private HashSet<string>? _values = new(StringComparer.Ordinal);
    private long _bytes;
    private long _withSpace;

    /// <summary>Name of the field.</summary>
    public string Name { get; } = name;

    /// <summary>Rows that have a value.</summary>
    public long Present { get; private set; }

    /// <summary>Rows that have none.</summary>
    public long Missing { get; private set; }

    /// <summary>Rows whose value is a number.</summary>
    public long Numbers { get; private set; }

    /// <summary>Rows whose value is an object or a list.</summary>
    public long Nested { get; private set; }

    /// <summary>Rows whose value is an array of numbers.</summary>
    public long Vectors { get; private set; }

    /// <summary>Length of the arrays, or −1 where they differ.</summary>
    public int VectorLength { get; private set; }

    /// <summary>The numbers' range.</summary>
    public NumberRange Range { get; } = new();

    /// <summary>Different values; at most those that are counted.</summary>
    public int Distinct => _hashes.Count;

    /// <summary>The different values, or <see langword="null"/> where there are too many for labels or categories.</summary>
    public IReadOnlyCollection<string>? Values => _values;

    /// <summary>Whether no value came twice, as far as was counted.</summary>
    public bool IsUnique => Missing == 0 && Nested == 0 && Distinct == Math.Min(Present, MaxHashes);

    /// <summary>Whether every value is a number.</summary>
    public bool IsNumeric => Present > 0 && Numbers == Present;

    /// <summary>Mean bytes of a value.</summary>
    public double MeanBytes => Present == 0 ? 0 : (double)_bytes / Present;

    /// <summary>Share of values with a space inside.</summary>
    public double SpaceShare => Present == 0 ? 0 : (double)_withSpace / Present;

    /// <summary>Adds the field of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="slot">Slot of the field.</param>
    public void Add(FieldRow row, int slot)
    {
        var value = row.Value(slot);
        switch (row.Kind(slot))
        {
            case FieldKind.Vector:
                VectorLength = Vectors++ == 0 || VectorLength == row.VectorLength ? row.VectorLength : -1;
                foreach (var element in row.Vector)
                {
                    Range.Add(element);
                }

                return;
            case FieldKind.Nested:
                Nested++;
                return;
            case FieldKind.Missing:
                Missing++;
                return;
            default:
                break;
        }

        if (FieldRow.IsBlank(value))
        {
            Missing++;
            return;
        }

        Present++;
        _bytes += value.Length;
        _withSpace += value.Trim(" \t"u8).Contains((byte)' ') ? 1 : 0;
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            Numbers++;
            Range.Add(number);
        }

        if (_hashes.Count < MaxHashes)
        {
            _hashes.Add(FeatureHash.Mix(FeatureHash.Add(FeatureHash.Start, value)));
        }

        if (_values is not null && (value.Length > 512 || (_values.Add(Encoding.UTF8.GetString(value)) && _values.Count > MaxValues)))
        {
            _values = null;
        }
    }
}
