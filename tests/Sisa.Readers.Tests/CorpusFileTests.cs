using System.Text;
using Sisa.Corpora;

namespace Sisa.Readers.Tests;

public sealed class CorpusFileTests : IDisposable
{
    private const string Line = """{"id":"ID","author":"a","text":"a somewhat longer text, so that there is something to compress","topic":"world"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file_is_a_fault()
    {
        var fault = Samples.Fault(_folder.PathOf("none.jsonl"), Samples.Text);
        Assert.Contains("none.jsonl: There is no such file.", fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
    }

    [Fact]
    public void A_directory_is_a_fault()
    {
        Directory.CreateDirectory(_folder.PathOf("d.jsonl"));
        Assert.Contains("is a directory, expected a file", Samples.Fault(_folder.PathOf("d.jsonl"), Samples.Text).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.jsonl", "")]
    [InlineData("a.jsonl", "\n \n")]
    [InlineData("a.csv", "")]
    [InlineData("a.csv", "id,author,text,topic\n")]
    public void A_file_without_rows_is_a_fault(string name, string text) =>
        Assert.Contains("holds no rows", Samples.Fault(_folder.Write(name, text), Samples.Text).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_that_tells_no_format_is_a_fault()
    {
        var fault = Samples.Fault(_folder.Write("corpus.dat", "x"), Samples.Text);
        Assert.Contains("does not tell its format", fault.Message, StringComparison.Ordinal);
        Assert.Contains("corpus.format", fault.Remedy?.ToString(), StringComparison.Ordinal);
        var said = Samples.Text with { Corpus = Samples.Text.Corpus with { Format = CorpusFormat.Jsonl } };
        Assert.Single(Samples.ReadAll(_folder.Write("corpus.dat", Line), said));
    }

    [Fact]
    public void Gzip_is_recognised_by_its_content_whatever_the_name()
    {
        var bytes = TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(Lines(500)));
        Assert.Equal(500, Samples.ReadAll(_folder.Write("a.jsonl.gz", bytes), Samples.Text).Count);
        Assert.Equal(500, Samples.ReadAll(_folder.Write("a.jsonl", bytes), Samples.Text).Count);
        Assert.Single(Samples.ReadAll(_folder.Write("plain.jsonl.gz", Line), Samples.Text));
    }

    [Fact]
    public void Gzip_of_several_members_is_read_to_the_end()
    {
        byte[] bytes = [.. TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(Lines(300))), .. TemporaryFolder.Gzip([]), .. TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(Lines(200))), 0, 0, 0];
        Assert.Equal(500, Samples.ReadAll(_folder.Write("a.jsonl.gz", bytes), Samples.Text).Count);
    }

    [Fact]
    public void Gzip_cut_off_anywhere_is_a_fault()
    {
        var bytes = TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(Lines(40)));
        for (var length = 2; length < bytes.Length; length++)
        {
            var fault = Samples.Fault(_folder.Write("a.jsonl.gz", bytes[..length]), Samples.Text, new ReadOptions { OnFault = _ => true });
            Assert.Contains("truncated", fault.Message, StringComparison.Ordinal);
            Assert.Contains("gzip -t", fault.Remedy?.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gzip_with_a_flipped_bit_never_gives_other_rows()
    {
        var bytes = TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(Lines(40)));
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x10;
            try
            {
                Assert.Equal(40, Samples.ReadAll(_folder.Write("a.jsonl.gz", damaged), Samples.Text).Count);
            }
            catch (CorpusException)
            {
                // Refused, as most are; the others change the header's time or the like.
                continue;
            }
        }
    }

    [Fact]
    public void Gzip_whose_bytes_look_like_utf_16_is_judged_as_gzip() => // Zeros at odd places alone.
        Assert.Contains("gzip", Samples.Fault(_folder.Write("a.jsonl.gz", [0x1F, 0x8B, 8, 0, 1, 0, 1, 0, 2, 0, 3, 0, 3, 0]), Samples.Text).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_behind_gzip_are_a_fault()
    {
        byte[] bytes = [.. TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(Lines(40))), .. "rest"u8];
        Assert.Contains("followed by bytes that are not gzip", Samples.Fault(_folder.Write("a.jsonl.gz", bytes), Samples.Text).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_grows_while_it_is_read_is_a_fault()
    {
        var path = _folder.Write("a.jsonl", Lines(20_000));
        var fault = Assert.Throws<CorpusException>(() =>
        {
            foreach (var item in CorpusReader.Read(path, Samples.Text))
            {
                if (item.Row == 3)
                {
                    File.AppendAllText(path, Line);
                }
            }
        });
        Assert.Contains("changed while it was read", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing of it was ingested", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_while_it_is_read_is_a_fault_of_the_change()
    {
        var path = _folder.Write("a.jsonl", Lines(20_000));
        var fault = Assert.Throws<CorpusException>(() =>
        {
            foreach (var item in CorpusReader.Read(path, Samples.Text))
            {
                if (item.Row == 3)
                {
                    using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                    file.SetLength(file.Length - 1_000_005);
                }
            }
        });
        Assert.Contains("changed while it was read", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_ends_when_it_is_cancelled()
    {
        using var source = new CancellationTokenSource();
        var path = _folder.Write("a.jsonl", Lines(10));
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var item in CorpusReader.Read(path, Samples.Text, cancellationToken: source.Token))
            {
                source.Cancel();
            }
        });
    }

    [Fact]
    public void A_large_file_streams()
    {
        var path = _folder.Write("a.jsonl", Lines(200_000));
        var highest = 0L;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var item in CorpusReader.Read(path, Samples.Text))
        {
            if (item.Row % 20_000 == 0)
            {
                highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.InRange(highest, 0, 4_000_000);
    }

    private static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(i => Line.Replace("ID", $"item {i * 7919 % 100_003}", StringComparison.Ordinal) + "\n"));
}
