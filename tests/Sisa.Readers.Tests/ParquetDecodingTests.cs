using ParquetSharp;

namespace Sisa.Readers.Tests;

/// <summary>Every type in every encoding, compressed in every way, gives the values that were written.</summary>
public sealed class ParquetDecodingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_type_gives_the_values_that_were_written(string encoding)
    {
        var samples = ParquetSample.All(1);
        foreach (var manner in ParquetManner.All().Where(manner => manner.Encoding == encoding))
        {
            List<ParquetSample> columns = [.. samples.Where(sample => manner.Takes(sample.Physical))];
            var path = _folder.Write("a.parquet", manner.Write(columns));
            var read = ParquetReading.Read(path, columns.Select(column => column.Name));
            Assert.All(columns, column => Assert.Equal(ParquetReading.Expected(column, isVector: false), read[column.Name]));
        }
    }

    // A vector takes lists of any numbers; one manner of each encoding is enough for what is done with them.
    [Theory]
    [MemberData(nameof(Encodings))]
    public void Lists_of_numbers_are_vectors(string encoding)
    {
        var manner = new ParquetManner(encoding, Compression.Snappy, IsVersion2: false, HasChecksums: false);
        List<ParquetSample> columns = [.. ParquetSample.All(2).Where(sample => manner.Takes(sample.Physical) && sample.Shape == ParquetSample.Form.List && ParquetReading.IsNumber(sample))];
        var path = _folder.Write("a.parquet", manner.Write(columns));
        Assert.All(columns, column => Assert.Equal(ParquetReading.Expected(column, isVector: true), ParquetReading.Read(path, [column.Name], column.Name)[column.Name]));
    }

    public static TheoryData<string> Encodings() => [.. ParquetManner.All().Select(manner => manner.Encoding).Distinct()];

    public void Dispose() => _folder.Dispose();
}
