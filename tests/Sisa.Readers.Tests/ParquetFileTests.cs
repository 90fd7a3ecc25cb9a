using Sisa.Readers.Formats.Parquet;
using Sisa.Readers.Inspection;

namespace Sisa.Readers.Tests;

/// <summary>Files of other makes: what is read right, what is refused, and by which words.</summary>
public sealed class ParquetFileTests : IDisposable
{
    private const int Rows = 40;

    private static readonly long[] _users = [.. Enumerable.Range(0, Rows).Select(row => row switch { 0 => long.MaxValue, 1 => -1, _ => row * 17L })];

    private readonly TemporaryFolder _folder = new();

    // Spark and Hive frame LZ4 as Hadoop does; as raw blocks the same bytes are other numbers.
    [Theory]
    [InlineData("x.parquet")]
    [InlineData("control-uncompressed.parquet")]
    public void Lz4_in_the_framing_of_hadoop_gives_the_values_that_were_written(string name)
    {
        var path = RealDataTests.Find($"cases/12-parquet-hadoop-lz4-wrong-values/{name}");
        Assert.Equal(["1593604800", "1593604800", "1593604801", "1593604801"], ParquetReading.Read(path, ["user"])["user"]);
    }

    [Fact]
    public void A_column_of_16_bit_numbers_stops_nothing()
    {
        var path = RealDataTests.Find("cases/13-parquet-float16-unmapped/x.parquet");
        Assert.Equal(4, ParquetReading.Read(path, ["user"])["user"].Count);
        Assert.All(ParquetReading.Read(path, ["vec"])["vec"], text => Assert.True(Half.TryParse(text, out _)));
    }

    public static TheoryData<string> Exotic() => [.. Columns().Keys];

    [Theory]
    [MemberData(nameof(Exotic))]
    public void A_column_that_is_not_mapped_decides_nothing(string what)
    {
        var path = _folder.Write("a.parquet", ParquetByHand.File(ParquetByHand.Of("user", _users), Columns()[what]));
        Assert.Equal(_users.Select(user => $"{user}"), ParquetReading.Read(path, ["user"])["user"]);
    }

    [Theory]
    [InlineData("interval", "INTERVAL on FIXED_LEN_BYTE_ARRAY(12)")]
    [InlineData("unknown type", "number 99")]
    [InlineData("unknown annotation", "unknown to this version")]
    [InlineData("lzo", "compressed with LZO")]
    [InlineData("unknown codec", "compressed with number 77")]
    [InlineData("encrypted", "is encrypted")]
    public void A_mapped_column_that_cannot_be_read_is_refused_by_its_name_and_type(string what, string found)
    {
        var path = _folder.Write("a.parquet", ParquetByHand.File(ParquetByHand.Of("user", _users), Columns()[what]));
        var fault = Assert.Throws<CorpusException>(() => ParquetReading.Read(path, ["user", "vec"]));
        Assert.Contains(": Column 'vec' ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(found, fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
    }

    [Theory]
    [MemberData(nameof(Exotic))]
    public void A_recipe_is_proposed_beside_columns_that_no_field_can_be(string what)
    {
        var label = ParquetByHand.Of("label", [.. Enumerable.Range(0, Rows).Select(row => row % 2L)]);
        var size = ParquetByHand.Of("size", [.. Enumerable.Range(0, Rows).Select(row => row * 7L % 11)]);
        var path = _folder.Write("a.parquet", ParquetByHand.File(label, size, Columns()[what]));
        var (recipe, notes) = RecipeInspector.Inspect(path);
        Assert.Equal("label", recipe.Corpus.Fields.Label);
        Assert.Single(notes, note => note.ToString().Contains("vec", StringComparison.Ordinal));
        Assert.Equal(Rows, CorpusReader.Read(path, recipe).Count());
    }

    // A frame may leave its content's length out (RFC 8878, section 3.1.1.1.1); here it has one raw block.
    [Theory]
    [InlineData(0, true)]
    [InlineData(8, false)]
    [InlineData(-8, false)]
    public void Zstandard_without_its_length_is_read_where_it_decodes_to_what_the_page_says(int more, bool isRead)
    {
        var plain = ParquetByHand.Of("user", _users);
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0, 0, (byte)((plain.Page.Length << 3) | 1), (byte)(plain.Page.Length >> 5), 0, .. plain.Page];
        var path = _folder.Write("a.parquet", ParquetByHand.File(plain with { Codec = 6, Page = frame, FullBytes = plain.FullBytes + more }));
        if (isRead)
        {
            Assert.Equal(_users.Select(user => $"{user}"), ParquetReading.Read(path, ["user"])["user"]);
        }
        else
        {
            Assert.Throws<CorpusException>(() => ParquetReading.Read(path, ["user"]));
        }
    }

    [Fact]
    public void A_page_of_another_checksum_is_refused()
    {
        var column = ParquetByHand.Of("user", _users);
        var path = _folder.Write("a.parquet", ParquetByHand.File(column with { Checksum = 1 }));
        Assert.Contains("checksum", Assert.Throws<CorpusException>(() => ParquetReading.Read(path, ["user"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_page_whose_kind_is_not_that_of_its_header_is_refused(int kind)
    {
        var path = _folder.Write("a.parquet", ParquetByHand.File(ParquetByHand.Of("user", _users) with { Kind = kind }));
        Assert.Contains($"of kind {kind}", Assert.Throws<CorpusException>(() => ParquetReading.Read(path, ["user"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_group_without_rows_is_passed_over()
    {
        var path = _folder.PathOf("a.parquet");
        using (var writer = new ParquetSharp.ParquetFileWriter(path, [new ParquetSharp.Column<long>("user")]))
        {
            foreach (var values in (long[][])[[], [17], []])
            {
                using var group = writer.AppendRowGroup();
                using var column = group.NextColumn().LogicalWriter<long>();
                column.WriteBatch(values);
            }

            writer.Close();
        }

        Assert.Equal(["17"], ParquetReading.Read(path, ["user"])["user"]);
    }

    // Two bytes stand for two billion zeros: a dictionary of one value would, or as here truth values.
    [Fact]
    public void A_few_bytes_that_stand_for_billions_of_rows_are_refused()
    {
        byte[] page = [6, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0];
        var column = new ParquetByHand("user") { Physical = 0, Encoding = 3, Page = page, FullBytes = page.Length, Values = int.MaxValue };
        var path = _folder.Write("a.parquet", ParquetByHand.File(column));
        var fault = Assert.Throws<CorpusException>(() => ParquetReading.Read(path, ["user"]));
        Assert.Contains("2,147,483,647 rows", fault.Message, StringComparison.Ordinal);
        Assert.Contains("smaller row groups", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Moments_of_any_year_have_texts_of_their_own()
    {
        Assert.Equal("1970-01-01T00:00:00.0000000", Text(text => ParquetText.Int96(text, 2_440_588, 0)));
        Assert.Equal("1969-12-31T23:59:59.999999999", Text(text => ParquetText.Int96(text, 2_440_588, -1)));
        Assert.Equal("+290000-12-31T02:00:00.0000000", Text(text => ParquetText.Int96(text, 2_440_588 + 105_201_162, 7_200_000_000_000)));
        Assert.Equal("+294247-01-10T04:00:54.7758070Z", Text(text => ParquetText.Timestamp(text, long.MaxValue, 1_000_000, "Z")));
        Assert.Equal("-290308-12-21T19:59:05.2241920Z", Text(text => ParquetText.Timestamp(text, long.MinValue, 1_000_000, "Z")));
        Assert.Equal("2020-07-01T12:00:00.1234567+00:00", Text(text => ParquetText.Timestamp(text, 1_593_604_800_123_456_700, 1_000_000_000, "+00:00")));
        Assert.Equal("0000-02-29T00:00:00.0000000Z", Text(text => ParquetText.Date(text, -719_469)));
        Assert.Equal("+5881580-07-11T00:00:00.0000000Z", Text(text => ParquetText.Date(text, int.MaxValue)));
    }

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, ParquetByHand> Columns()
    {
        var column = ParquetByHand.Of("vec", new long[Rows]);
        var interval = column with { Physical = 7, LengthBytes = 12, Converted = 21, Page = new byte[12 * Rows], FullBytes = 12 * Rows };
        var bytes = column with { Physical = 6, Page = [.. Enumerable.Repeat<byte[]>([1, 0, 0, 0, 0xFF], Rows).SelectMany(text => text)], FullBytes = 5 * Rows };
        return new Dictionary<string, ParquetByHand>(StringComparer.Ordinal)
        {
            ["interval"] = interval,
            ["moment of no year"] = interval with { Physical = 3, LengthBytes = 0, Converted = -1, Page = [.. Enumerable.Repeat((byte)0xFF, 12 * Rows)] },
            ["unknown type"] = column with { Physical = 99 },
            ["unknown annotation"] = column with { Converted = 99 },
            ["unknown encoding"] = column with { Encoding = 42 },
            ["lzo"] = column with { Codec = 3 },
            ["unknown codec"] = column with { Codec = 77 },
            ["encrypted"] = column with { IsEncrypted = true },
            ["checksum"] = column with { Checksum = 1 },
            ["page of another kind"] = column with { Kind = 9 },
            ["page too short"] = column with { Page = [1, 2, 3], FullBytes = 3 },
            ["bytes that are no text"] = bytes,
        };
    }

    private static string Text(Func<byte[], int> write)
    {
        var text = new byte[ParquetText.MaxBytes];
        return System.Text.Encoding.ASCII.GetString(text, 0, write(text));
    }
}
