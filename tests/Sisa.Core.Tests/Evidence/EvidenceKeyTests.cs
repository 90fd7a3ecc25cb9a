using System.Security.Cryptography;
using Sisa.Evidence;

namespace Sisa.Core.Tests.Evidence;

public sealed class EvidenceKeyTests : IDisposable
{
    private readonly ECDsa _key = EvidenceKey.Create();

    [Fact]
    public void A_key_without_a_passphrase_is_in_the_clear_and_opens_with_any()
    {
        var pem = EvidenceKey.ToPrivatePem(_key, []);
        using var again = EvidenceKey.ReadPrivate(pem, "unasked", "file");

        Assert.False(EvidenceKey.IsEncrypted(pem));
        Assert.EndsWith("-----END PRIVATE KEY-----\n", pem, StringComparison.Ordinal);
        Assert.Equal(EvidenceKey.DigestOf(_key), EvidenceKey.DigestOf(again));
    }

    [Fact]
    public void A_public_key_comes_back_from_its_file()
    {
        var pem = EvidenceKey.ToPublicPem(_key);
        using var again = EvidenceKey.ReadPublic(pem, "file");

        Assert.EndsWith("-----END PUBLIC KEY-----\n", pem, StringComparison.Ordinal);
        Assert.Equal(EvidenceKey.DigestOf(_key), EvidenceKey.DigestOf(again));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    public void What_is_no_key_is_refused_with_the_name_of_the_file(string pem)
    {
        Assert.Contains("keys/a.pem", Assert.Throws<EvidenceException>(() => EvidenceKey.ReadPublic(pem, "keys/a.pem")).Message, StringComparison.Ordinal);
        Assert.Contains("keys/a.pem", Assert.Throws<EvidenceException>(() => EvidenceKey.ReadPrivate(pem, [], "keys/a.pem")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _key.Dispose();
}
