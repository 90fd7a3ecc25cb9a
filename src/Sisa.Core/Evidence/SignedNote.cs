using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sisa.Evidence;

/// <summary>A text with signatures under it, in the signed-note form of C2SP (c2sp.org/signed-note).</summary>
/// <param name="Text">The signed text; ends in a line feed.</param>
/// <param name="Signatures">Its signatures, at least one.</param>
/// <remarks>Immutable. Signatures are ECDSA P-256 with SHA-256, type 0x02 of the specification: the key id is the beginning of the SHA-256 of the
/// public key (SubjectPublicKeyInfo, DER), the signature itself is DER.</remarks>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Largest note that is read, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    private const string Mark = "— ";

    /// <summary>Signs a text.</summary>
    /// <param name="text">Lines, each ending in a line feed; no other control characters.</param>
    /// <param name="name">Name of the key: no white space, no plus sign.</param>
    /// <param name="key">The private key.</param>
    /// <exception cref="ArgumentException">Text or name are not in that form.</exception>
    public static SignedNote Sign(string text, string name, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(key);
        if (!IsText(text) || !IsName(name))
        {
            throw new ArgumentException("A note has lines without control characters, and a key name has neither white space nor '+'.", nameof(text));
        }

        var signature = key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new SignedNote(text, [new NoteSignature(name, EvidenceKey.IdOf(key), signature)]);
    }

    /// <summary>Reads a note. Nothing in it may be believed before <see cref="IsSignedBy"/> says so.</summary>
    /// <param name="note">The whole note.</param>
    /// <exception cref="EvidenceException">It is not in the form.</exception>
    public static SignedNote Parse(string note)
    {
        ArgumentNullException.ThrowIfNull(note);
        var border = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (note.Length > MaxLength || border < 0 || border + 2 >= note.Length || note[^1] != '\n')
        {
            throw Malformed("it does not have a text, a blank line and signatures, each with a line feed at its end");
        }

        var text = note[..(border + 1)];
        var signatures = note[(border + 2)..^1].Split('\n').Select(ParseSignature).ToArray();
        var parsed = IsText(text) ? new SignedNote(text, signatures) : throw Malformed("its text has control characters");

        // One form only, so that no byte can be changed without notice.
        return parsed.ToString() == note ? parsed : throw Malformed("its base64 is not canonical");
    }

    /// <summary>Whether a key has signed the note.</summary>
    /// <param name="name">Name of the key.</param>
    /// <param name="key">The public key.</param>
    public bool IsSignedBy(string name, ECDsa key)
    {
        var id = EvidenceKey.IdOf(key);
        var text = Encoding.UTF8.GetBytes(Text);
        var mine = Signatures.Where(s => s.Name == name && s.KeyId == id).ToArray();
        return mine.Length > 0 && mine.All(s => key.VerifyData(text, s.Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    /// <summary>The note as a file holds it.</summary>
    public override string ToString() => Text + "\n" + string.Concat(Signatures.Select(s => $"{Mark}{s.Name} {s.ToBase64()}\n"));

    private static NoteSignature ParseSignature(string line)
    {
        var parts = line.StartsWith(Mark, StringComparison.Ordinal) ? line[Mark.Length..].Split(' ') : [];
        var bytes = new byte[parts.Length == 2 ? parts[1].Length : 0];
        if (parts.Length != 2 || !IsName(parts[0]) || !Convert.TryFromBase64String(parts[1], bytes, out var length) || length <= sizeof(uint))
        {
            throw Malformed("a signature line is not '— name base64'");
        }

        return new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(sizeof(uint), length - sizeof(uint)));
    }

    private static bool IsText(string text) => text.EndsWith('\n') && !text.Any(c => c < ' ' && c != '\n') && !text.Any(char.IsSurrogate);

    private static bool IsName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    private static EvidenceException Malformed(string why) => new($"The signed note cannot be read: {why}.", "Get the note again from its publisher.");
}

/// <summary>One signature of a note.</summary>
/// <param name="Name">Name of the key.</param>
/// <param name="KeyId">First four bytes of the key's identifier, big-endian.</param>
/// <param name="Signature">The signature, DER.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Key id and signature as the note holds them.</summary>
    public string ToBase64()
    {
        var bytes = new byte[sizeof(uint) + Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Signature.Span.CopyTo(bytes.AsSpan(sizeof(uint)));
        return Convert.ToBase64String(bytes);
    }
}
