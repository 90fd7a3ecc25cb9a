using System.Security.Cryptography;
using System.Text;
using Sisa.Evidence;

namespace Sisa.Core.Tests.Evidence;

public sealed class SignedNoteTests : IDisposable
{
    private readonly ECDsa _key = EvidenceKey.Create();

    [Fact]
    public void A_signed_head_has_the_form_of_the_specification_and_is_read_back()
    {
        var head = new LogCheckpoint("sisa/log-1", 42, Digest.Of([7]));
        var note = head.Sign(_key).ToString();

        var lines = note.Split('\n');
        Assert.Equal(["sisa/log-1", "42", Convert.ToBase64String(Digest.Of([7]).ToBytes()), ""], lines[..4]);
        Assert.StartsWith("— sisa/log-1 ", lines[4], StringComparison.Ordinal);
        Assert.Equal(["", ], lines[5..]);

        // The key id is the beginning of the hash of the public key.
        var signature = Convert.FromBase64String(lines[4].Split(' ')[2]);
        Assert.Equal(SHA256.HashData(_key.ExportSubjectPublicKeyInfo())[..4], signature[..4]);
        Assert.True(_key.VerifyData(Encoding.UTF8.GetBytes(head.ToText()), signature[4..], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal(head, LogCheckpoint.Open(SignedNote.Parse(note), _key));
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        using var other = EvidenceKey.Create();
        var note = new LogCheckpoint("log", 1, Digest.Of([1])).Sign(_key);

        Assert.Null(LogCheckpoint.Open(note, other));
    }

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        var bytes = Encoding.UTF8.GetBytes(new LogCheckpoint("log", 12, Digest.Of([1])).Sign(_key).ToString());
        for (var i = 0; i < bytes.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = bytes.ToArray();
                changed[i] ^= (byte)(1 << bit);
                Assert.False(Opens(changed), $"byte {i}, bit {bit}");
            }
        }

        Assert.True(Opens(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n— name\n")]
    [InlineData("text\n\n— name AAAA\n")]
    [InlineData("text\n\n- name AAAAAAAA\n")]
    [InlineData("text\n\n— na+me AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAAA\n")]
    [InlineData("te\u0001xt\n\n— name AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAAAA")]
    public void What_is_no_note_is_refused(string note) => Assert.Throws<EvidenceException>(() => SignedNote.Parse(note));

    [Theory]
    [InlineData("log\n01\n", 32)]
    [InlineData("log\n-1\n", 32)]
    [InlineData("log\n1\n", 31)]
    [InlineData("\n1\n", 32)]
    [InlineData("log\n1\nextension\n", 32)]
    public void A_signed_text_that_is_no_head_is_refused(string text, int rootBytes)
    {
        var note = SignedNote.Sign(text + Convert.ToBase64String(new byte[rootBytes]) + "\n", "log", _key);

        Assert.Throws<EvidenceException>(() => LogCheckpoint.Open(note, _key));
    }

    public void Dispose() => _key.Dispose();

    private bool Opens(byte[] bytes)
    {
        try
        {
            return LogCheckpoint.Open(SignedNote.Parse(new UTF8Encoding(false, true).GetString(bytes)), _key) is not null;
        }
        catch (Exception e) when (e is EvidenceException or DecoderFallbackException)
        {
            return false;
        }
    }
}
