namespace Sisa.Readers.Tests;

public sealed class LayeringTests
{
    [Fact]
    public void Readers_brings_no_tensor_library()
    {
        Assert.Empty(Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch*", new EnumerationOptions
        {
            MatchCasing = MatchCasing.CaseInsensitive,
            RecurseSubdirectories = true,
        }));
    }
}
