using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;
using Encoding = System.Text.Encoding;
using TimeUnit = ParquetSharp.TimeUnit;

namespace Sisa.Readers.Tests;

/// <summary>A column that tests write: its values as Parquet stores them, and the texts that a reader must find.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Physical">How its values are stored.</param>
/// <param name="Logical">What they mean.</param>
/// <param name="Length">Bytes of each, where all are as long.</param>
internal abstract record ParquetSample(string Name, PhysicalType Physical, LogicalType Logical, int Length)
{
    private static readonly string[] _words = ["", "a", "Ann", "Ann@example.org", "Zoë", "日本語", "prefix-0001", "prefix-0002", "prefix-0003x", new string('z', 300), "0", "true", "a,b\"c"];

    /// <summary>How a column may be declared.</summary>
    public enum Form
    {
        Required,
        Optional,
        List,
    }

    /// <summary>Rows of a row group.</summary>
    public static int Rows => 157;

    /// <summary>Its declaration.</summary>
    public Form Shape { get; protected init; }

    /// <summary>The text of every row; <see langword="null"/> where there is no value. For lists, of every entry.</summary>
    public IReadOnlyList<string?> Texts { get; protected init; } = [];

    /// <summary>Elements per row of a list.</summary>
    public static int ElementsOf(int row) => Math.Max(0, (row % 5) - 1);

    /// <summary>The schema of the column.</summary>
    public Node Node() => Shape == Form.List
        ? new GroupNode(Name, Repetition.Optional, [new GroupNode("list", Repetition.Repeated, [new PrimitiveNode("element", Repetition.Optional, Logical, Physical, Length)])], LogicalType.List())
        : new PrimitiveNode(Name, Shape == Form.Required ? Repetition.Required : Repetition.Optional, Logical, Physical, Length);

    /// <summary>Writes the column.</summary>
    /// <param name="writer">The library's writer.</param>
    public abstract void Write(ColumnWriter writer);

    /// <summary>Columns of every type, in every form.</summary>
    /// <param name="seed">Seed of their values.</param>
    public static IReadOnlyList<ParquetSample> All(int seed)
    {
        var random = new Random(seed);
        List<ParquetSample> samples = [];
        AddNumbers(samples, random);
        AddBytes(samples, random);
        AddDecimals(samples, random);
        AddTimes(samples, random);
        return samples;
    }

    private static void AddNumbers(List<ParquetSample> samples, Random random)
    {
        int Int32() => random.Next(3) switch { 0 => random.Next(-3, 4), 1 => random.Next(int.MinValue, int.MaxValue), _ => Pick(int.MinValue, int.MaxValue, 0, -1) };
        long Int64() => random.Next(3) switch { 0 => random.Next(-3, 4), 1 => random.NextInt64(long.MinValue, long.MaxValue), _ => Pick(long.MinValue, long.MaxValue, 0, -1) };
        T Pick<T>(params T[] values) => values[random.Next(values.Length)];
        string Text<T>(T value)
            where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

        Add(samples, "bool", PhysicalType.Boolean, null, -1, _ => random.Next(3) == 0 ? (true, "true") : (false, "false"));
        Add(samples, "int32", PhysicalType.Int32, null, -1, _ => With(Int32(), Text));
        Add(samples, "int64", PhysicalType.Int64, null, -1, _ => With(Int64(), Text));
        Add(samples, "sequence", PhysicalType.Int64, null, -1, row => (1_000_000L + (row * 3), Text(1_000_000L + (row * 3))));
        Add(samples, "few", PhysicalType.Int32, null, -1, row => (row % 3, Text(row % 3)));
        Add(samples, "float", PhysicalType.Float, null, -1, _ => With(random.Next(2) == 0 ? (float)random.NextDouble() : Pick(1, -5, float.NaN, float.PositiveInfinity, -0f, float.Epsilon, float.MaxValue), Text));
        Add(samples, "double", PhysicalType.Double, null, -1, _ => With(random.Next(2) == 0 ? random.NextDouble() : Pick(1, -5, double.NaN, double.NegativeInfinity, -0d, double.Epsilon, double.MaxValue), Text));
        Add(samples, "int8", PhysicalType.Int32, LogicalType.Int(8, true), -1, _ => With(random.Next(-128, 128), Text));
        Add(samples, "uint8", PhysicalType.Int32, LogicalType.Int(8, false), -1, _ => With(random.Next(256), Text));
        Add(samples, "int16", PhysicalType.Int32, LogicalType.Int(16, true), -1, _ => With(random.Next(-32_768, 32_768), Text));
        Add(samples, "uint16", PhysicalType.Int32, LogicalType.Int(16, false), -1, _ => With(random.Next(65_536), Text));
        Add(samples, "uint32", PhysicalType.Int32, LogicalType.Int(32, false), -1, _ => With(Int32(), v => Text(unchecked((uint)v))));
        Add(samples, "uint64", PhysicalType.Int64, LogicalType.Int(64, false), -1, _ => With(Int64(), v => Text(unchecked((ulong)v))));
        Add(samples, "half", PhysicalType.FixedLenByteArray, LogicalType.Float16(), 2, _ =>
        {
            var (half, bytes) = ((Half)(random.Next(-1000, 1000) / 8.0), new byte[2]);
            BinaryPrimitives.WriteHalfLittleEndian(bytes, half);
            return (new FixedLenByteArray(Copy(bytes)), Text(half));
        });
    }

    private static void AddBytes(List<ParquetSample> samples, Random random)
    {
        (ByteArray, string) Bytes(string text) => (new ByteArray(Copy(Encoding.UTF8.GetBytes(text)), Encoding.UTF8.GetByteCount(text)), text);
        Add(samples, "string", PhysicalType.ByteArray, LogicalType.String(), -1, _ => Bytes(_words[random.Next(_words.Length)]));
        Add(samples, "unique", PhysicalType.ByteArray, LogicalType.String(), -1, row => Bytes($"user-{row:d5}-{random.Next(1000)}"));
        Add(samples, "bytes", PhysicalType.ByteArray, null, -1, _ => Bytes(_words[random.Next(_words.Length)]));
        Add(samples, "json", PhysicalType.ByteArray, LogicalType.Json(), -1, row => Bytes($"{{\"a\":{row}}}"));
        Add(samples, "enum", PhysicalType.ByteArray, LogicalType.Enum(), -1, row => Bytes(row % 2 == 0 ? "RED" : "BLUE"));
        Add(samples, "fixed", PhysicalType.FixedLenByteArray, null, 5, row => (new FixedLenByteArray(Copy(Encoding.ASCII.GetBytes($"x{row:d4}"))), $"x{row:d4}"));
        Add(samples, "uuid", PhysicalType.FixedLenByteArray, LogicalType.Uuid(), 16, _ =>
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            var hex = Convert.ToHexStringLower(bytes);
            return (new FixedLenByteArray(Copy(bytes)), $"{hex[..8]}-{hex[8..12]}-{hex[12..16]}-{hex[16..20]}-{hex[20..]}");
        });
    }

    private static void AddDecimals(List<ParquetSample> samples, Random random)
    {
        string Full(BigInteger unscaled, int scale) => $"{(unscaled.Sign < 0 ? "-" : string.Empty)}{BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0').Insert(Math.Max(1, BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).Length - scale), ".")}";
        string Short(BigInteger unscaled, int scale) => Full(unscaled, scale).TrimEnd('0').TrimEnd('.');
        BigInteger Big(int digits) => BigInteger.Parse(string.Concat(Enumerable.Range(0, digits).Select(_ => random.Next(10).ToString(CultureInfo.InvariantCulture))), CultureInfo.InvariantCulture) * (random.Next(2) == 0 ? 1 : -1);
        (FixedLenByteArray, string) Fixed(BigInteger value, int length, int scale) => (new FixedLenByteArray(Copy(BigEndian(value, length))), Short(value, scale));
        (ByteArray, string) Variable(BigInteger value) => (new ByteArray(Copy(value.ToByteArray(isBigEndian: true)), value.GetByteCount()), Short(value, 3));
        Add(samples, "decimal9", PhysicalType.Int32, LogicalType.Decimal(9, 2), -1, _ => With(random.Next(-999_999_999, 1_000_000_000), v => Full(v, 2)));
        Add(samples, "decimal18", PhysicalType.Int64, LogicalType.Decimal(18, 4), -1, _ => With(random.NextInt64(-999_999_999_999_999_999, 1_000_000_000_000_000_000), v => Full(v, 4)));
        Add(samples, "decimalBytes", PhysicalType.ByteArray, LogicalType.Decimal(20, 3), -1, _ => Variable(Big(random.Next(1, 20))));
        Add(samples, "decimal20", PhysicalType.FixedLenByteArray, LogicalType.Decimal(20, 3), 9, _ => Fixed(Big(random.Next(1, 20)), 9, 3));
        Add(samples, "decimal38", PhysicalType.FixedLenByteArray, LogicalType.Decimal(38, 10), 16, _ => Fixed(Big(random.Next(1, 38)), 16, 10));
    }

    private static byte[] BigEndian(BigInteger value, int length)
    {
        var (bytes, padded) = (value.ToByteArray(isBigEndian: true), new byte[length]);
        Array.Fill(padded, value.Sign < 0 ? byte.MaxValue : (byte)0);
        bytes.CopyTo(padded, length - bytes.Length);
        return padded;
    }

    private static void AddTimes(List<ParquetSample> samples, Random random)
    {
        const long SecondsPerDay = 86_400;
        Add(samples, "date", PhysicalType.Int32, LogicalType.Date(), -1, _ => With(random.Next(-100_000, 100_000), v => Moment(v * SecondsPerDay, 0, "Z")));
        foreach (var (unit, perSecond) in new[] { (TimeUnit.Millis, 1_000L), (TimeUnit.Micros, 1_000_000L), (TimeUnit.Nanos, 1_000_000_000L) })
        {
            foreach (var isUtc in new[] { true, false })
            {
                Add(samples, $"timestamp{unit}{(isUtc ? "Utc" : string.Empty)}", PhysicalType.Int64, LogicalType.Timestamp(isUtc, unit), -1, _ =>
                {
                    var (seconds, rest) = (random.NextInt64(-2_000_000_000, 4_000_000_000), random.NextInt64(perSecond));
                    return ((seconds * perSecond) + rest, Moment(seconds, rest * (1_000_000_000 / perSecond), isUtc ? "Z" : "+00:00"));
                });
            }
        }

        Add(samples, "timeMillis", PhysicalType.Int32, LogicalType.Time(true, TimeUnit.Millis), -1, _ => With(random.Next(86_400_000), v => $"{v}"));
        Add(samples, "timeNanos", PhysicalType.Int64, LogicalType.Time(true, TimeUnit.Nanos), -1, _ => With(random.NextInt64(86_400_000_000_000), v => $"{v}"));
        Add(samples, "int96", PhysicalType.Int96, null, -1, _ =>
        {
            var (day, nanoseconds) = (random.Next(30_000), random.NextInt64(86_400_000_000_000));
            return (new Int96(unchecked((int)nanoseconds), (int)(nanoseconds >> 32), day + 2_440_588), Moment((day * SecondsPerDay) + (nanoseconds / 1_000_000_000), nanoseconds % 1_000_000_000, string.Empty));
        });
    }

    private static string Moment(long seconds, long nanoseconds, string zone)
    {
        var fraction = nanoseconds % 100 == 0 ? $"{nanoseconds / 100:0000000}" : $"{nanoseconds:000000000}";
        return $"{DateTime.UnixEpoch.AddSeconds(seconds):yyyy-MM-ddTHH:mm:ss}.{fraction}{zone}";
    }

    private static (T Value, string Text) With<T>(T value, Func<T, string> text) => (value, text(value));

    // Kept for as long as the process lives: the library copies values out of it while it writes.
    private static IntPtr Copy(byte[] bytes)
    {
        var copy = Marshal.AllocHGlobal(Math.Max(1, bytes.Length));
        Marshal.Copy(bytes, 0, copy, bytes.Length);
        return copy;
    }

    private static void Add<T>(List<ParquetSample> samples, string name, PhysicalType physical, LogicalType? logical, int length, Func<int, (T Value, string Text)> make)
        where T : unmanaged
    {
        samples.Add(ParquetSample<T>.Required(name, physical, logical ?? LogicalType.None(), length, make));
        samples.Add(ParquetSample<T>.Optional(name, physical, logical ?? LogicalType.None(), length, make));
        samples.Add(ParquetSample<T>.List(name, physical, logical ?? LogicalType.None(), length, make));
    }
}

/// <summary>A column with values of one type.</summary>
/// <typeparam name="T">Type of a value.</typeparam>
internal sealed record ParquetSample<T> : ParquetSample
    where T : unmanaged
{
    private ParquetSample(string name, PhysicalType physical, LogicalType logical, int length)
        : base(name, physical, logical, length)
    {
    }

    private IReadOnlyList<T> Values { get; init; } = [];

    private IReadOnlyList<short> Definitions { get; init; } = [];

    private IReadOnlyList<short> Repetitions { get; init; } = [];

    public static ParquetSample<T> Required(string name, PhysicalType physical, LogicalType logical, int length, Func<int, (T Value, string Text)> make)
    {
        var made = Enumerable.Range(0, Rows).Select(make).ToList();
        return new ParquetSample<T>(name, physical, logical, length) { Values = [.. made.Select(one => one.Value)], Texts = [.. made.Select(one => one.Text)] };
    }

    public static ParquetSample<T> Optional(string name, PhysicalType physical, LogicalType logical, int length, Func<int, (T Value, string Text)> make)
    {
        var (values, texts, definitions) = (new List<T>(), new List<string?>(), new List<short>());
        for (var row = 0; row < Rows; row++)
        {
            var isNull = row % 7 == 3 || row is > 90 and < 110;
            definitions.Add(isNull ? (short)0 : (short)1);
            Put(isNull, row, make, values, texts);
        }

        return new ParquetSample<T>(name + "Optional", physical, logical, length) { Shape = Form.Optional, Values = values, Texts = texts, Definitions = definitions };
    }

    // Missing lists, empty ones, and lists with a null within.
    public static ParquetSample<T> List(string name, PhysicalType physical, LogicalType logical, int length, Func<int, (T Value, string Text)> make)
    {
        var (values, texts, definitions, repetitions) = (new List<T>(), new List<string?>(), new List<short>(), new List<short>());
        for (var row = 0; row < Rows; row++)
        {
            for (var element = 0; element < Math.Max(1, ElementsOf(row)); element++)
            {
                var isNull = ElementsOf(row) == 0 || (row + element) % 11 == 0;
                definitions.Add((short)(row % 5 == 0 ? 0 : ElementsOf(row) == 0 ? 1 : isNull ? 2 : 3));
                repetitions.Add((short)(element == 0 ? 0 : 1));
                Put(isNull, row, make, values, texts);
            }
        }

        return new ParquetSample<T>(name + "List", physical, logical, length) { Shape = Form.List, Values = values, Texts = texts, Definitions = definitions, Repetitions = repetitions };
    }

    public override void Write(ColumnWriter writer)
    {
        var typed = (ColumnWriter<T>)writer;
        if (Shape == Form.Required)
        {
            typed.WriteBatch([.. Values]);
        }
        else
        {
            typed.WriteBatch(Definitions.Count, [.. Definitions], Shape == Form.List ? [.. Repetitions] : default, [.. Values]);
        }
    }

    private static void Put(bool isNull, int row, Func<int, (T Value, string Text)> make, List<T> values, List<string?> texts)
    {
        var (value, text) = isNull ? (default, null) : make(row);
        texts.Add(text);
        if (!isNull)
        {
            values.Add(value);
        }
    }
}
