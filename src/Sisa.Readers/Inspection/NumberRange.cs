using System.Globalization;

namespace Sisa.Readers.Inspection;

/// <summary>The range of some numbers, and a declared range that does not give away the extreme ones.</summary>
internal sealed class NumberRange
{
    /// <summary>An extreme value that this many rows share reveals no single row.</summary>
    private const int SharedByRows = 5;

    private double _min = double.PositiveInfinity;
    private double _max = double.NegativeInfinity;
    private long _atMin;
    private long _atMax;

    /// <summary>The greatest number less the least one.</summary>
    public double Span => _max - _min;

    /// <summary>Adds a number.</summary>
    /// <param name="value">The number; one that is not finite is left out.</param>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        (_min, _atMin) = value < _min ? (value, 1) : (_min, value == _min ? _atMin + 1 : _atMin);
        (_max, _atMax) = value > _max ? (value, 1) : (_max, value == _max ? _atMax + 1 : _atMax);
    }

    /// <summary>The range, rounded outward to a step of the size of the range's first digit: 17 to 88 becomes 10 to 90.</summary>
    /// <returns>Two numbers, the second above the first. A bound is the extreme value itself only where that is 0 or many rows share it.</returns>
    public (double Min, double Max) RoundedOutward()
    {
        var width = _max > _min ? _max - _min : Math.Max(Math.Abs(_max), 1);
        var step = Math.Pow(10, Math.Floor(Math.Log10(width)));
        if (!double.IsNormal(step))
        {
            return (Math.Min(_min, 0), Math.Max(_max, 1));
        }

        var min = Math.Floor(_min / step);
        var max = Math.Ceiling(_max / step);
        min -= Clean(min * step) == _min && _min != 0 && _atMin < SharedByRows ? 1 : 0;
        max += (Clean(max * step) == _max && _max != 0 && _atMax < SharedByRows) || max == min ? 1 : 0;
        return (Clean(min * step), Clean(max * step));
    }

    /// <summary>Takes away what multiplication by a power of ten adds: 0.30000000000000004 was meant as 0.3.</summary>
    private static double Clean(double value) => double.Parse(value.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
