namespace Sisa.Benchmarks.Tests;

public sealed class LayeringTests
{
    [Fact]
    public void Benchmarks_bring_no_tensor_library()
    {
        Assert.Empty(Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch*", new EnumerationOptions
        {
            MatchCasing = MatchCasing.CaseInsensitive,
            RecurseSubdirectories = true,
        }));
    }
}
