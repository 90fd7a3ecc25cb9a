using ParquetSharp;
using Sisa.Readers.Formats.Parquet;

namespace Sisa.Readers.Tests;

/// <summary>Files of every manner, cut, stretched and flipped: the right values or a refusal, and never anything else.</summary>
/// <remarks>A byte flipped in a page without checksum, or in a header, may give other values: the format has nothing that shows it.</remarks>
public sealed class ParquetDamageTests : IDisposable
{
    private const int FilesPerManner = 4;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Damage_of_any_kind_gives_values_or_a_refusal_in_words_of_our_own()
    {
        var random = new Random(1);
        foreach (var (manner, columns, whole) in Files())
        {
            for (var i = 0; i < FilesPerManner; i++)
            {
                var path = _folder.Write("a.parquet", Damaged(whole, random));
                try
                {
                    ParquetReading.Read(path, columns.Select(column => column.Name), isDamaged: true);
                }
                catch (CorpusException e)
                {
                    Assert.True(IsOurs(e.Message), $"{manner}: {e.Message}");
                    Assert.NotNull(e.Remedy);
                }
            }
        }
    }

    [Fact]
    public void A_flip_within_a_page_that_has_a_checksum_is_always_refused()
    {
        var random = new Random(2);
        foreach (var (_, columns, whole) in Files().Where(file => file.Manner.HasChecksums))
        {
            var pages = Pages(whole);
            for (var i = 0; i < FilesPerManner; i++)
            {
                var (start, page) = pages[random.Next(pages.Count)];
                var damaged = (byte[])whole.Clone();
                damaged[start + page.HeaderBytes + random.Next(page.SizeBytes)] ^= (byte)(1 << random.Next(8));
                var path = _folder.Write("a.parquet", damaged);
                Assert.Contains("checksum", Assert.Throws<CorpusException>(() => ParquetReading.Read(path, columns.Select(column => column.Name))).Message, StringComparison.Ordinal);
            }
        }
    }

    // The page itself is whole: its header alone says another length, so that no checksum can show it.
    [Theory]
    [InlineData(Compression.Uncompressed, 0)]
    [InlineData(Compression.Snappy, 1)]
    [InlineData(Compression.Gzip, 2)]
    [InlineData(Compression.Brotli, 4)]
    [InlineData(Compression.Lz4Hadoop, 5)]
    [InlineData(Compression.Zstd, 6)]
    [InlineData(Compression.Lz4, 7)]
    public void A_page_that_decodes_to_another_length_than_its_header_says_is_refused(Compression codec, int number)
    {
        var columns = ParquetSample.All(3).Where(sample => sample.Name == "sequence").ToList();
        var whole = new ParquetManner("Plain", codec, IsVersion2: false, HasChecksums: false).Write(columns, pageBytes: 1 << 20);
        var (start, page) = Pages(whole)[0];
        var right = new ParquetByHand("user") { Codec = number, Page = whole[(start + page.HeaderBytes)..(start + page.HeaderBytes + page.SizeBytes)], FullBytes = page.FullBytes, Values = page.Values };
        Assert.Equal(columns[0].Texts, ParquetReading.Read(_folder.Write("right.parquet", ParquetByHand.File(right)), ["user"])["user"]);
        foreach (var more in new[] { -page.FullBytes, -64, -8, -1, 1, 8, 64, 100_000 })
        {
            Refused(right with { FullBytes = page.FullBytes + more });
            Refused(right with { FullBytes = page.FullBytes + more, Values = Math.Max(1, (page.FullBytes + more) / 8) });
        }

        foreach (var cut in new[] { 1, 2, 7, 8, page.SizeBytes / 2, page.SizeBytes })
        {
            Refused(right with { Page = right.Page[..^cut] });
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Refused(ParquetByHand column)
    {
        var path = _folder.Write("a.parquet", ParquetByHand.File(column));
        Assert.True(IsOurs(Assert.Throws<CorpusException>(() => ParquetReading.Read(path, ["user"])).Message));
    }

    // One column of each type and form in turn, so that every manner sees several and the whole stays short.
    private static IEnumerable<(ParquetManner Manner, List<ParquetSample> Columns, byte[] Whole)> Files()
    {
        var samples = ParquetSample.All(3);
        foreach (var (index, manner) in ParquetManner.All().Index())
        {
            List<ParquetSample> columns = [.. samples.Where(sample => manner.Takes(sample.Physical)).Where((_, i) => manner.Encoding == "Rle" || i % 7 == index % 7)];
            yield return (manner, columns, manner.Write(columns));
        }
    }

    private static List<(int Start, ParquetPage Page)> Pages(byte[] whole)
    {
        using var file = new MemoryStream(whole);
        List<(int, ParquetPage)> pages = [];
        foreach (var chunk in ParquetFooter.Read(file).Groups.SelectMany(group => group.Chunks))
        {
            for (var at = (int)chunk.Start; at < chunk.Start + chunk.SizeBytes;)
            {
                var page = ParquetPage.Read(whole.AsSpan(at), at);
                if (page.SizeBytes > 0)
                {
                    pages.Add((at, page));
                }

                at += page.HeaderBytes + page.SizeBytes;
            }
        }

        return pages;
    }

    private static byte[] Damaged(byte[] whole, Random random)
    {
        var damaged = (byte[])whole.Clone();
        var footer = BitConverter.ToInt32(whole, whole.Length - 8);
        var at = random.Next(whole.Length);
        var length = random.Next(1, 50);
        switch (random.Next(5))
        {
            case 0:
                return [.. whole[..at], .. whole[Math.Min(whole.Length, at + length)..]];
            case 1:
                return [.. whole[..at], .. new byte[length], .. whole[at..]];
            case 2:
                return whole[..at];
            case 3:
                damaged[whole.Length - 8 - random.Next(1, footer)] = (byte)random.Next(256);
                return damaged;
            default:
                for (var flips = random.Next(1, 8); flips > 0; flips--)
                {
                    damaged[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
                }

                return damaged;
        }
    }

    private static bool IsOurs(string message) =>
        new[] { ": The file ", ": Column '", ": No column ", ": Row group " }.Any(beginning => message.Contains(beginning, StringComparison.Ordinal))
        && !message.Contains("rrow", StringComparison.Ordinal) && !message.Contains("xception", StringComparison.Ordinal);
}
