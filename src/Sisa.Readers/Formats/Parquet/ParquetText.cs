using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>Values of Parquet as text. Different values have different texts, and a text depends neither on the machine nor on its time zone.</summary>
/// <remarks>Ids are such texts, and stores keep them: a change here makes other items of the same rows.</remarks>
internal static class ParquetText
{
    /// <summary>Digits of a decimal number at most.</summary>
    public const int MaxDigits = 76;

    /// <summary>Bytes of a decimal number at most; those of <see cref="MaxDigits"/> digits.</summary>
    public const int MaxDecimalBytes = 32;

    /// <summary>Longest text that is written here.</summary>
    public const int MaxBytes = 128;

    private const long SecondsPerDay = 86_400;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Julian day of 1970-01-01.</summary>
    private const long JulianEpoch = 2_440_588;

    /// <summary>A decimal number stored as an integer: all its digits, as in <c>1.50</c>.</summary>
    /// <param name="text">Receives the text.</param>
    /// <param name="unscaled">The number without its point.</param>
    /// <param name="scale">Digits behind the point.</param>
    /// <returns>Bytes written.</returns>
    public static int Decimal(Span<byte> text, long unscaled, int scale) => Decimal(text, new BigInteger(unscaled), scale, isShortest: false);

    /// <summary>A decimal number stored as big-endian bytes: as few digits as it needs, as in <c>1.5</c>.</summary>
    /// <param name="text">Receives the text.</param>
    /// <param name="unscaled">The number without its point, in two's complement.</param>
    /// <param name="scale">Digits behind the point.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="MalformedException">It has no byte, or more than <see cref="MaxDecimalBytes"/>.</exception>
    public static int Decimal(Span<byte> text, ReadOnlySpan<byte> unscaled, int scale) => unscaled.Length is > 0 and <= MaxDecimalBytes
        ? Decimal(text, new BigInteger(unscaled, isBigEndian: true), scale, isShortest: true)
        : throw new MalformedException($"it holds a decimal number of {Counted.Of(unscaled.Length, "byte")}, expected 1 to {MaxDecimalBytes}");

    /// <summary>A day, as its first moment.</summary>
    /// <param name="text">Receives the text.</param>
    /// <param name="days">Days since 1970-01-01.</param>
    /// <returns>Bytes written.</returns>
    public static int Date(Span<byte> text, int days) => Time(text, days, 0, 0, "Z");

    /// <summary>A moment.</summary>
    /// <param name="text">Receives the text.</param>
    /// <param name="units">Units since 1970.</param>
    /// <param name="unitsPerSecond">Units of a second.</param>
    /// <param name="zone">The time zone.</param>
    /// <returns>Bytes written.</returns>
    public static int Timestamp(Span<byte> text, long units, long unitsPerSecond, string zone)
    {
        var (seconds, rest) = FloorDivide(units, unitsPerSecond);
        var (days, secondOfDay) = FloorDivide(seconds, SecondsPerDay);
        return Time(text, days, secondOfDay, rest * (NanosecondsPerSecond / unitsPerSecond), zone);
    }

    /// <summary>A moment stored as INT96, as older Spark, Hive and Impala do.</summary>
    /// <param name="text">Receives the text.</param>
    /// <param name="julianDay">The Julian day.</param>
    /// <param name="nanoseconds">Nanoseconds of that day; others than a day has belong to days before or after.</param>
    /// <returns>Bytes written.</returns>
    public static int Int96(Span<byte> text, int julianDay, long nanoseconds)
    {
        var (seconds, rest) = FloorDivide(nanoseconds, NanosecondsPerSecond);
        var (days, secondOfDay) = FloorDivide(seconds, SecondsPerDay);
        return Time(text, julianDay - JulianEpoch + days, secondOfDay, rest, string.Empty);
    }

    /// <summary>A UUID in its usual form.</summary>
    /// <param name="text">Receives the text.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Uuid(Span<byte> text, ReadOnlySpan<byte> bytes)
    {
        new Guid(bytes, bigEndian: true).TryFormat(text, out var written, "D");
        return written;
    }

    /// <summary>A number of 16 bits, as its shortest text.</summary>
    /// <param name="text">Receives the text.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Half(Span<byte> text, ReadOnlySpan<byte> bytes) => Number(text, BinaryPrimitives.ReadHalfLittleEndian(bytes));

    /// <summary>A number, as its shortest text.</summary>
    /// <typeparam name="T">Type of the number.</typeparam>
    /// <param name="text">Receives the text.</param>
    /// <param name="value">The number.</param>
    /// <returns>Bytes written.</returns>
    public static int Number<T>(Span<byte> text, T value)
        where T : IUtf8SpanFormattable
    {
        value.TryFormat(text, out var written, default, CultureInfo.InvariantCulture);
        return written;
    }

    private static int Decimal(Span<byte> text, BigInteger unscaled, int scale, bool isShortest)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var fraction = isShortest ? digits[^scale..].TrimEnd('0') : digits[^scale..];
        var sign = unscaled.Sign < 0 ? "-" : string.Empty;
        return Encoding.ASCII.GetBytes($"{sign}{digits[..^scale]}{(fraction.Length > 0 ? "." : string.Empty)}{fraction}", text);
    }

    // Seven digits of a second, as .NET's round-trip form has; nine where seven do not hold the value. Years of more than four digits have a sign and six (ISO 8601, section 4.1.2.4).
    private static int Time(Span<byte> text, long days, long secondOfDay, long nanoseconds, string zone)
    {
        var (year, month, day) = Civil(days);
        var years = year is >= 0 and <= 9999 ? year.ToString("0000", CultureInfo.InvariantCulture) : year.ToString("+000000;-000000", CultureInfo.InvariantCulture);
        var fraction = nanoseconds % 100 == 0 ? (nanoseconds / 100).ToString("0000000", CultureInfo.InvariantCulture) : nanoseconds.ToString("000000000", CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetBytes($"{years}-{month:00}-{day:00}T{secondOfDay / 3600:00}:{secondOfDay / 60 % 60:00}:{secondOfDay % 60:00}.{fraction}{zone}", text);
    }

    // Days since 1970 in the proleptic Gregorian calendar; eras of 400 years, which begin in March so that a leap day ends a year.
    private static (long Year, long Month, long Day) Civil(long days)
    {
        const long DaysPerEra = 146_097;
        var (era, dayOfEra) = FloorDivide(days + 719_468, DaysPerEra);
        var yearOfEra = (dayOfEra - (dayOfEra / 1_460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var monthFromMarch = ((5 * dayOfYear) + 2) / 153;
        var month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, dayOfYear - (((153 * monthFromMarch) + 2) / 5) + 1);
    }

    private static (long Quotient, long Remainder) FloorDivide(long value, long divisor)
    {
        var (quotient, rest) = Math.DivRem(value, divisor);
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest);
    }
}
