using Sisa.Readers.Features;
using Sisa.Readers.Formats;

namespace Sisa.Readers.Inspection;

/// <summary>Statistics of one field over all rows; bounded in memory, whatever the file's size.</summary>
/// <param name="name">Name of the field.</param>
/// <param name="maxValues">Different values that are kept at most.</param>
internal sealed class FieldStatistics(string name, int maxValues)
{
    /// <summary>Most different values of a category.</summary>
    private const int MaxCategories = 1_000;

    /// <summary>From this share of different values on, nearly every row has one of its own.</summary>
    private const double OwnShare = 0.9;

    private readonly DistinctSample _values = new(maxValues);
    private long _bytes;
    private double _words;
    private long _integers;
    private long _codes;
    private long _dates;
    private long _contacts;
    private long _withDigit;
    private long _withSpace;
    private int _maxBytes;

    /// <summary>Name of the field.</summary>
    public string Name { get; } = name;

    /// <summary>Rows that have a value.</summary>
    public long Present { get; private set; }

    /// <summary>Rows that have none.</summary>
    public long Missing { get; private set; }

    /// <summary>Rows whose value is a number.</summary>
    public long Numbers { get; private set; }

    /// <summary>Rows whose value is <c>true</c> or <c>false</c>.</summary>
    public long Booleans { get; private set; }

    /// <summary>Rows whose value is an object or a list.</summary>
    public long Nested { get; private set; }

    /// <summary>Rows whose value is an array of numbers.</summary>
    public long Vectors { get; private set; }

    /// <summary>Length of the arrays, or −1 where they differ.</summary>
    public int VectorLength { get; private set; }

    /// <summary>The numbers' range.</summary>
    public NumberRange Range { get; } = new();

    /// <summary>Bytes of all values.</summary>
    public long Bytes => _bytes;

    /// <summary>Different values; an estimate where there are more than are kept.</summary>
    public long Distinct => _values.Distinct;

    /// <summary>Whether every row has one plain value or none.</summary>
    public bool IsScalar => Nested == 0 && Vectors == 0 && Present > 0;

    /// <summary>Whether every row has a value and none came twice, as far as was kept.</summary>
    public bool IsUnique => IsScalar && Missing == 0 && _values.Ratio == 1;

    /// <summary>Whether nearly every row has a value of its own.</summary>
    public bool IsOwn => IsScalar && _values.Ratio >= OwnShare;

    /// <summary>Share of different values among the rows that have one.</summary>
    public double Ratio => _values.Ratio;

    /// <summary>Whether all rows have the same value, or all but a few.</summary>
    public bool IsNearlyConstant => _values.IsExact && _values.Others <= (Present < 20 ? 0 : Math.Max(1, Present / 1_000));

    /// <summary>Whether every value is a number.</summary>
    public bool IsNumeric => Present > 0 && Numbers == Present && _codes == 0;

    /// <summary>Whether every value is a number without fraction.</summary>
    public bool IsInteger => IsNumeric && _integers == Present;

    /// <summary>Whether nearly all values are dates.</summary>
    public bool IsDate => Present > 0 && _dates >= OwnShare * Present;

    /// <summary>Whether nearly all values are addresses: e-mail, IP, URL, telephone.</summary>
    public bool IsContact => Present > 0 && _contacts >= OwnShare * Present;

    /// <summary>Whether most values have a digit.</summary>
    public bool HasDigits => _withDigit >= OwnShare * Present;

    /// <summary>Whether no value has white space inside.</summary>
    public bool IsOneWord => _withSpace == 0;

    /// <summary>Bytes of the longest value.</summary>
    public int MaxBytes => _maxBytes;

    /// <summary>Mean bytes of a value.</summary>
    public double MeanBytes => Present == 0 ? 0 : (double)_bytes / Present;

    /// <summary>Mean words of a value.</summary>
    public double MeanWords => Present == 0 ? 0 : _words / Present;

    /// <summary>Whether the values are free text: sentences that mostly come once.</summary>
    public bool IsProse => IsScalar && Numbers < Present / 2 && !IsDate && !IsContact && MeanWords >= 3 && _values.Ratio >= 0.3 && Distinct >= 2;

    /// <summary>Whether few values share many rows.</summary>
    public bool IsCategory => IsScalar && !IsDate && !IsNearlyConstant && Distinct is >= 2 and <= MaxCategories && (_values.Ratio <= 0.5 || Distinct == 2);

    /// <summary>Why the field is not used as a feature, or <see langword="null"/> if it may be.</summary>
    public string? Unusable => this switch
    {
        { Nested: > 0 } => "it holds objects or lists",
        { Vectors: > 0, VectorLength: <= 0 } => "its arrays differ in length",
        { Vectors: > 0, Present: > 0 } => "it holds arrays in some rows and other values in others",
        { Vectors: > 0 } => null,
        { Present: 0 } => "no row has a value",
        { Distinct: 1 } => "all rows have the same value",
        { IsNearlyConstant: true } => "all rows but a few have the same value",
        { IsNumeric: true } => null,
        { IsDate: true } => "it holds dates; convert them to numbers, such as year and day, if they are informative",
        { IsCategory: true } => null,
        { IsOwn: true } => "nearly every row has a value of its own",
        { Numbers: var numbers, Present: var present } when numbers > present / 2 && _codes == 0 => "it holds numbers in most rows and words in others; empty the others to make it a number",
        { Distinct: > MaxCategories } => $"it has more than {MaxCategories:N0} different values",
        _ => "few rows share a value",
    };

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
            case var kind when kind == FieldKind.Missing || FieldRow.IsBlank(value):
                Missing++;
                return;
            case FieldKind.Boolean:
                Booleans++;
                break;
            default:
                break;
        }

        Present++;
        _bytes += value.Length;
        _maxBytes = Math.Max(_maxBytes, value.Length);
        _values.Add(FeatureHash.Mix(FeatureHash.Add(FeatureHash.Start, value)));
        Add(ValueShape.Of(value));
        if (double.TryParse(value, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number))
        {
            Range.Add(number);
        }
    }

    private void Add(ValueShape shape)
    {
        Numbers += shape.IsNumber ? 1 : 0;
        _integers += shape.IsInteger ? 1 : 0;
        _codes += shape.IsCode ? 1 : 0;
        _dates += shape.IsDate ? 1 : 0;
        _contacts += shape.IsContact ? 1 : 0;
        _withDigit += shape.HasDigit ? 1 : 0;
        _withSpace += shape.HasSpace ? 1 : 0;
        _words += shape.Words;
    }
}
