using Sisa.Storage.Files;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Files;

public sealed class CopyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((3 << 20) + 5)]
    public void A_copy_has_the_bytes_and_the_digest_of_its_source_and_replaces_what_was_there(int length)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];
        File.WriteAllBytes(_folder["from"], bytes);
        _folder.Write("to", "old");

        Assert.Equal(Digest.Of(bytes), DurableFile.Copy(_folder["from"], _folder["to"]));

        Assert.Equal(bytes, File.ReadAllBytes(_folder["to"]));
        Assert.Equal(2, Directory.EnumerateFiles(_folder.Path).Count());
    }

    [Fact]
    public void A_source_that_is_missing_leaves_what_was_there()
    {
        _folder.Write("to", "old");

        var fault = Assert.Throws<StorageIoException>(() => DurableFile.Copy(_folder["none"], _folder["to"]));

        Assert.Contains("none", fault.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(_folder["to"]));
        Assert.Single(Directory.EnumerateFiles(_folder.Path));
    }
}
