using System.Text;
using Sisa.Evidence;
using Sisa.Forgetting;

namespace Sisa.Core.Tests.Evidence;

public sealed class RequesterCopyTests
{
    private const string Code = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private static RequesterCopy Copy => new("request-0001", [CommittedItem.Of(Code, "note-7", null), CommittedItem.Of(Code, "note-9", new TextSpan(5, 12))]);

    // Computed with another program, after docs/certificate-format.md.
    [Fact]
    public void Nonces_and_commitments_are_the_documented_ones()
    {
        Assert.Equal(
            ["e52916924f895c94ca5daff1dad92ae973859e5d5364dc9d133b46fda8945e87", "86610e02edd01893a88994fbf9df5aac6fe26640a0844a70fb94f7badbe4c630"],
            Copy.Items.Select(i => Convert.ToHexStringLower(i.Nonce)));
        Assert.Equal(
            ["f0abd1e41d0eb9744021e12fe8ecf5b3b88bc5389000d5150fdb63dd580c31d4", "44337d0ddf173cb8f2998871371ef931b3c32cbbb0c7ed9ac02b3c4091840837"],
            Copy.Items.Select(i => i.Commitment().ToString()));
    }

    [Fact]
    public void Commitments_are_in_ascending_order_and_so_tell_nothing_of_the_items() =>
        Assert.Equal(Copy.Items.Select(i => i.Commitment()).Order(), Copy.Commitments());

    [Fact]
    public void The_file_has_the_documented_form_and_is_read_back()
    {
        var bytes = Copy.ToBytes();

        Assert.Equal(
            """
            {"request":"request-0001","items":[{"item":"note-7","nonce":"5SkWkk+JXJTKXa/x2tkq6XOFnl1TZNydEztG/aiUXoc="},{"item":"note-9","nonce":"hmEOAu3QGJOoiZT7+d9arG/iZkCghEpw+5T3utvkxjA=","span":"5..12"}]}

            """.ReplaceLineEndings("\n"),
            Encoding.UTF8.GetString(bytes));
        Assert.Equal(bytes, RequesterCopy.Read(bytes).ToBytes());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"request":"r","items":null}""")]
    [InlineData("""{"request":"r","items":[{"item":"a","nonce":"!"}]}""")]
    [InlineData("""{"request":"r","items":[{"item":"a"}]}""")]
    [InlineData("""{"request":"r","items":[],"more":1}""")]
    public void Anything_else_is_no_copy(string text) => Assert.Throws<EvidenceException>(() => RequesterCopy.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void No_two_codes_are_the_same()
    {
        var code = RequesterCopy.NewCode();

        Assert.Equal(32, Convert.FromHexString(code).Length);
        Assert.NotEqual(code, RequesterCopy.NewCode());
    }
}
