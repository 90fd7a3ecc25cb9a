using System.Globalization;
using System.Security.Cryptography;

namespace Sisa.Evidence;

/// <summary>The head of the evidence log at one moment, in the form of C2SP (c2sp.org/tlog-checkpoint).</summary>
/// <param name="Origin">Names the log.</param>
/// <param name="Size">Number of entries.</param>
/// <param name="Root">Root of the tree over them.</param>
public sealed record LogCheckpoint(string Origin, long Size, Digest Root)
{
    /// <summary>The text that is signed: origin, size, root in base64, a line each.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.ToBytes())}\n");

    /// <summary>Signs the head.</summary>
    /// <param name="key">The log's private key.</param>
    public SignedNote Sign(ECDsa key) => SignedNote.Sign(ToText(), Origin, key);

    /// <summary>Reads a signed head, after its signature was checked.</summary>
    /// <param name="note">The signed note.</param>
    /// <param name="key">The log's public key.</param>
    /// <returns>The head, or <see langword="null"/> if the key has not signed it.</returns>
    /// <exception cref="EvidenceException">The text is no head of a log.</exception>
    public static LogCheckpoint? Open(SignedNote note, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(note);
        var head = Parse(note.Text);
        return note.IsSignedBy(head.Origin, key) ? head : null;
    }

    private static LogCheckpoint Parse(string text)
    {
        var lines = text.Split('\n');
        var root = new byte[Digest.SizeBytes];
        if (lines is [{ Length: > 0 } origin, var sizeText, var rootText, ""]
            && long.TryParse(sizeText, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && Convert.TryFromBase64String(rootText, root, out var length)
            && length == Digest.SizeBytes)
        {
            var head = new LogCheckpoint(origin, size, new Digest(root));
            if (head.ToText() == text)
            {
                return head;
            }
        }

        throw new EvidenceException("The note is not a head of a log: expected its origin, number of entries and root, one a line.", "Get the note again from its publisher.");
    }
}
