using System.Globalization;
using ParquetSharp;
using Sisa.Readers.Formats;
using Sisa.Readers.Formats.Parquet;

namespace Sisa.Readers.Tests;

/// <summary>Reads Parquet files as the product does and compares what comes out with what was written.</summary>
internal static class ParquetReading
{
    /// <summary>Columns of a file as texts.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">The columns.</param>
    /// <param name="vector">The column whose lists are read as vectors, or <see langword="null"/>.</param>
    /// <param name="isDamaged">Whether rows may have faults.</param>
    /// <exception cref="CorpusException">The file is refused.</exception>
    public static IReadOnlyDictionary<string, List<string?>> Read(string path, IEnumerable<string> names, string? vector = null, bool isDamaged = false)
    {
        var map = FieldMap.OfAll(names, vector);
        var columns = map.Names.ToDictionary(name => name, _ => new List<string?>(), StringComparer.Ordinal);
        using var file = CorpusFile.Open(path);
        using var source = new ParquetSource(file, map);
        var row = new FieldRow(map);
        while (source.Next(row))
        {
            Assert.True(isDamaged || row.Fault is null);
            for (var slot = 0; slot < map.Names.Count; slot++)
            {
                columns[map.Names[slot]].Add(row.Kind(slot) switch
                {
                    FieldKind.Missing => null,
                    FieldKind.Nested => "nested",
                    FieldKind.Vector => string.Join(' ', row.Vector.ToArray().Select(number => number.ToString(CultureInfo.InvariantCulture))),
                    _ => System.Text.Encoding.UTF8.GetString(row.Value(slot)),
                });
            }
        }

        return columns;
    }

    /// <summary>What a column must read as, twice: once for each row group.</summary>
    /// <param name="sample">The column.</param>
    /// <param name="isVector">Whether its lists are read as vectors.</param>
    public static IReadOnlyList<string?> Expected(ParquetSample sample, bool isVector)
    {
        var rows = sample.Shape == ParquetSample.Form.List ? Lists(sample, isVector).ToList() : sample.Texts;
        return [.. rows, .. rows];
    }

    // A list with a null in it is no vector; one without any value is none at all.
    private static IEnumerable<string?> Lists(ParquetSample sample, bool isVector)
    {
        var at = 0;
        for (var row = 0; row < ParquetSample.Rows; row++)
        {
            var elements = sample.Texts.Skip(at).Take(Math.Max(1, ParquetSample.ElementsOf(row))).ToList();
            at += elements.Count;
            yield return elements.TrueForAll(element => element is null) ? null
                : !isVector || elements.Contains(null) ? "nested"
                : string.Join(' ', elements.Select(element => Number(sample, element!).ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Whether the values of a column are numbers.</summary>
    /// <param name="sample">The column.</param>
    public static bool IsNumber(ParquetSample sample) => sample.Logical is not (TimestampLogicalType or DateLogicalType or UuidLogicalType)
        && (sample.Physical is PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.Float or PhysicalType.Double || sample.Logical is Float16LogicalType or DecimalLogicalType);

    /// <summary>A number that a sample has as text, as the double that it stands for.</summary>
    /// <param name="sample">The column.</param>
    /// <param name="text">The text.</param>
    public static double Number(ParquetSample sample, string text) =>
        sample.Physical == PhysicalType.Float ? float.Parse(text, CultureInfo.InvariantCulture)
        : sample.Logical is Float16LogicalType ? (double)Half.Parse(text, CultureInfo.InvariantCulture)
        : double.Parse(text, CultureInfo.InvariantCulture);
}
