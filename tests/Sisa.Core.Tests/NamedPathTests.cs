namespace Sisa.Core.Tests;

public sealed class NamedPathTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("a/b.txt", true)]
    [InlineData("..a/b..", true)]
    [InlineData("", false)]
    [InlineData("/a", false)]
    [InlineData("\\a", false)]
    [InlineData("C:\\a", false)]
    [InlineData("c:a", false)]
    [InlineData("..", false)]
    [InlineData("a/..", false)]
    [InlineData("a\\..\\b", false)]
    [InlineData("./a", false)]
    [InlineData("a//b", false)]
    [InlineData("a/", false)]
    [InlineData("a\0b", false)]
    public void A_path_is_below_a_folder_when_no_system_could_read_it_otherwise(string named, bool isBelow) => Assert.Equal(isBelow, NamedPath.IsBelow(named));
}
