using Sisa.Storage.Files;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Files;

public sealed class MappedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Parts_of_the_file_are_its_bytes()
    {
        using var file = new MappedFile(_folder.Write("a", "0123456789"));

        Assert.Equal(10, file.LengthBytes);
        Assert.Equal("345"u8, file.Span(3, 3));
        Assert.Equal("345"u8, file.Memory(3, 3).Span);
        Assert.Equal("5"u8, file.Memory(3, 3)[2..].Span);
        using var pin = file.Memory(3, 3).Pin();
        Assert.True(file.Span(10, 0).IsEmpty);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(long.MaxValue, 1)]
    public void A_part_outside_is_refused(long offset, int length)
    {
        using var file = new MappedFile(_folder.Write("a", "0123456789"));

        Assert.Throws<ArgumentOutOfRangeException>(() => file.Span(offset, length).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Memory(offset, length));
    }

    [Fact]
    public void An_empty_file_has_no_bytes()
    {
        using var file = new MappedFile(_folder.Write("a", string.Empty));

        Assert.Equal(0, file.LengthBytes);
        Assert.True(file.Span(0, 0).IsEmpty);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.Contains("none", Assert.Throws<StoreException>(() => new MappedFile(_folder["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("none", Assert.Throws<StoreException>(() => new MappedFile(_folder["folder/none"])).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
