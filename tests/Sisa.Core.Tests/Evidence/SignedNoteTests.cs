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
    [InlineData("text\n\nx\n")]
    [InlineData("text\n\n—  AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAA==\n")]
    [InlineData("text\n\n— name AAAAAAB=\n")]
    [InlineData("text\n\n— name AAAA\tAAAA\n")]
    public void What_is_no_note_is_refused_with_a_reason_and_a_hint(string note)
    {
        var fault = Assert.Throws<EvidenceException>(() => SignedNote.Parse(note));

        Assert.StartsWith("The signed note cannot be read: ", fault.Message, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(fault.Remedy?.ToString()));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("a line\n")]
    [InlineData("one\n\ntwo, behind a blank line\n")]
    public void Any_text_of_lines_is_signed_and_comes_back(string text)
    {
        var note = SignedNote.Parse(SignedNote.Sign(text, "name", _key).ToString());

        Assert.Equal(text, note.Text);
        Assert.True(note.IsSignedBy("name", _key));
        Assert.False(note.IsSignedBy("another", _key));
    }

    [Theory]
    [InlineData("no line feed", "name")]
    [InlineData("te\u0001xt\n", "name")]
    [InlineData("text\n", "")]
    [InlineData("text\n", "na me")]
    [InlineData("text\n", "na+me")]
    [InlineData("text\n", "na\u0001me")]
    public void What_could_not_be_read_back_is_not_signed(string text, string name) => Assert.Throws<ArgumentException>(() => SignedNote.Sign(text, name, _key));

    [Fact]
    public void Half_a_character_is_neither_signed_nor_read()
    {
        var half = $"te{(char)0xd800}xt\n";

        Assert.Throws<ArgumentException>(() => SignedNote.Sign(half, "name", _key));
        Assert.Throws<EvidenceException>(() => SignedNote.Parse(half + "\n— name AAAAAAAA\n"));
    }

    [Fact]
    public void A_note_is_read_up_to_its_largest_length()
    {
        var signature = new NoteSignature("name", 1, new byte[70]);
        var rest = new SignedNote("\n", [signature]).ToString().Length;
        var largest = new SignedNote(new string('a', SignedNote.MaxLength - rest) + "\n", [signature]).ToString();

        Assert.Equal(SignedNote.MaxLength, largest.Length);
        Assert.Equal(largest, SignedNote.Parse(largest).ToString());
        Assert.Throws<EvidenceException>(() => SignedNote.Parse("a" + largest));
    }

    [Fact]
    public void A_second_signature_of_the_same_key_must_hold_as_well()
    {
        var note = SignedNote.Sign("text\n", "name", _key);
        var wrong = SignedNote.Sign("another text\n", "name", _key).Signatures[0];

        Assert.False((note with { Signatures = [note.Signatures[0], wrong] }).IsSignedBy("name", _key));
        Assert.True((note with { Signatures = [wrong with { Name = "another" }, note.Signatures[0]] }).IsSignedBy("name", _key));
    }

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
