using System.Text;
using System.Text.Json;
using CsCheck;

namespace Sisa.Core.Tests;

public sealed class DigestTests
{
    private const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Fact]
    public void It_is_sha_256() => Assert.Equal(Abc, Digest.Of("abc"u8).ToString());

    [Fact]
    public void Keyed_is_hmac_sha_256() =>

        // RFC 4231, test case 2.
        Assert.Equal(
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            Digest.Keyed("Jefe"u8, "what do ya want for nothing?"u8).ToString());

    [Fact]
    public void The_words_are_read_big_endian()
    {
        var digest = Digest.Parse(Abc);

        Assert.Equal(0xba7816bf8f01cfeaUL, digest.High64);
        Assert.Equal(0x414140de5dae2223UL, digest.Low64);
        Assert.Equal("ba7816bf8f01", digest.ToShortString());
    }

    [Fact]
    public void Bytes_and_hex_come_back() => Gen.Byte.Array[32].Sample(bytes =>
        new Digest(bytes).ToBytes().AsSpan().SequenceEqual(bytes) && Digest.Parse(new Digest(bytes).ToString()) == new Digest(bytes));

    [Fact]
    public void The_order_is_that_of_the_bytes() => Gen.Select(Gen.Byte[0, 2].Array[32], Gen.Byte[0, 2].Array[32]).Sample((a, b) =>
    {
        var (x, y) = (new Digest(a), new Digest(b));
        var order = Math.Sign(a.AsSpan().SequenceCompareTo(b));
        return Math.Sign(x.CompareTo(y)) == order && (x < y) == (order < 0) && (x > y) == (order > 0) && (x <= y) == (order <= 0) && (x >= y) == (order >= 0);
    });

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Anything_but_64_hexadecimal_digits_is_refused(string text)
    {
        Assert.Throws<MalformedException>(() => Digest.Parse(text));
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Digest>(JsonSerializer.Serialize(text)));
    }

    [Fact]
    public void Another_number_of_bytes_is_refused() => Assert.Throws<ArgumentException>(() => new Digest(new byte[31]));

    [Fact]
    public void In_json_it_is_its_text()
    {
        Assert.Equal($"\"{Abc}\"", JsonSerializer.Serialize(Digest.Of("abc"u8)));
        Assert.Equal(Digest.Of(Encoding.ASCII.GetBytes("abc")), JsonSerializer.Deserialize<Digest>($"\"{Abc}\""));
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Digest>("null"));
    }
}
