namespace Sisa.Core.Tests;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, "0.0 %")]
    [InlineData(0.00001, "< 0.1 %")]
    [InlineData(0.004, "0.4 %")]
    [InlineData(0.9989, "99.9 %")]
    [InlineData(0.9996, "> 99.9 %")]
    [InlineData(1, "100.0 %")]
    [InlineData(1.2, "120.0 %")]
    public void A_share_is_called_none_or_all_only_where_it_is(double share, string written) => Assert.Equal(written, Figures.Share(share));

    [Theory]
    [InlineData(1, "1.00")]
    [InlineData(999_999.99, "999999.99")]
    [InlineData(2.1753e104, "2.175e104")]
    public void A_large_perplexity_is_written_by_its_power_of_ten(double perplexity, string written) => Assert.Equal(written, Figures.Perplexity(perplexity, "0.00"));
}
