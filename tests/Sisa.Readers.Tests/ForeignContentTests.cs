using System.Text;

namespace Sisa.Readers.Tests;

/// <summary>Files that are no rows in UTF-8, and paths that are no files: each is named for what it is.</summary>
public sealed class ForeignContentTests : IDisposable
{
    private const string Lines = "{\"id\":\"1\",\"author\":\"u\",\"text\":\"some text\",\"topic\":\"world\"}\n{\"id\":\"2\",\"author\":\"u\",\"text\":\"ジュネーブ\",\"topic\":\"world\"}\n";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("utf-16", true, "UTF-16")]
    [InlineData("utf-16BE", true, "UTF-16")]
    [InlineData("utf-16", false, "UTF-16LE")]
    [InlineData("utf-16BE", false, "UTF-16BE")]
    [InlineData("utf-32", true, "UTF-32")]
    public void Text_in_another_encoding_gets_the_command_that_converts_it(string encoding, bool hasMark, string name)
    {
        var coder = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. hasMark ? coder.GetPreamble() : [], .. coder.GetBytes(Lines)];

        foreach (var path in (string[])[_folder.Write("x.jsonl", bytes), _folder.Write("x.csv", bytes), _folder.Write("y.jsonl.gz", TemporaryFolder.Gzip(bytes))])
        {
            var fault = Samples.Fault(path, Samples.Text);
            Assert.Equal($"{path}: The file is text in {name}, expected UTF-8.", fault.Message);
            Assert.Contains($"iconv -f {name} -t UTF-8", fault.Remedy?.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(new byte[] { (byte)'P', (byte)'K', 3, 4, 20, 0, 0, 0 }, "unzip")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 1, 2 }, "zstd -d")]
    [InlineData(new byte[] { (byte)'B', (byte)'Z', (byte)'h', (byte)'9', 1 }, "bunzip2")]
    public void An_archive_gets_the_command_that_unpacks_it(byte[] bytes, string command) =>
        Assert.Contains(command, Samples.Fault(_folder.Write("x.csv", bytes), Samples.Text).Remedy?.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("nofile")]
    [InlineData("nofile.csv")]
    [InlineData("no/folder/nofile")]
    public void A_file_that_is_not_there_is_said_not_to_be_there(string name)
    {
        var path = _folder.PathOf(name);
        Assert.Equal($"{path}: There is no such file.", Assert.Throws<CorpusException>(() => CorpusReader.Read(path, Samples.Text)).Message);
    }

    [Fact]
    public void A_directory_is_said_to_be_one_whatever_its_name()
    {
        foreach (var path in (string[])[_folder.PathOf("folder"), _folder.PathOf("folder.csv")])
        {
            Directory.CreateDirectory(path);
            Assert.Equal($"{path}: This is a directory, expected a file.", Assert.Throws<CorpusException>(() => CorpusReader.Read(path, Samples.Text)).Message);
        }
    }

    [Theory]
    [InlineData("{\"id\": x}", "byte 8: unexpected 'x}'")]
    [InlineData("{\"id\": \"1\"", "the line ends before its object ends")]
    [InlineData("{\"id\": \"1\"} {}", "unexpected '{}'")]
    public void Malformed_JSON_is_told_without_the_words_of_a_library(string line, string found)
    {
        var fault = Samples.LineFault(line + "\n", Samples.Text);
        Assert.Contains(found, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("token", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
