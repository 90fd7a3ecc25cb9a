using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Measurements;

namespace Sisa.Evidence;

/// <summary>The requester's copy, handed over at the receipt: ids, and the nonces of the certificate's commitments.</summary>
/// <remarks>Whoever has it can show that a certificate is about these items; without it the commitments tell nothing. The store keeps neither
/// nonces nor the code that they follow from, so it cannot be made again.</remarks>
/// <param name="Request">Name of the request.</param>
/// <param name="Items">The items that the request forgets.</param>
public sealed record RequesterCopy(string Request, IReadOnlyList<CommittedItem> Items)
{
    private const int CodeBytes = 32;

    /// <summary>Names of the request that the store did not hold, if it held others; otherwise omitted.</summary>
    public IReadOnlyList<CommittedItem>? NotFound { get; init; }

    /// <summary>How the models that were served at the receipt treated the items. It is kept nowhere else, because it derives from models that had seen them (rule E9).</summary>
    public ForgettingMeasurements? Before { get; init; }

    /// <summary>Draws a code: 32 random bytes, hexadecimal.</summary>
    public static string NewCode() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CodeBytes));

    /// <summary>Commitments to the items, in ascending order, as the certificate lists them.</summary>
    public IReadOnlyList<Digest> Commitments() => [.. Items.Select(i => i.Commitment()).Order()];

    /// <summary>Commitments to the names that were not found, in ascending order, as the certificate lists them.</summary>
    public IReadOnlyList<Digest> NotFoundCommitments() => [.. (NotFound ?? []).Select(i => i.Commitment()).Order()];

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, EvidenceJson.Options), (byte)'\n'];

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">Output of <see cref="ToBytes"/>.</param>
    /// <exception cref="EvidenceException">It is no such copy.</exception>
    public static RequesterCopy Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictJson.Read<RequesterCopy>(bytes, EvidenceJson.Options);
        }
        catch (JsonException e)
        {
            throw new EvidenceException($"The requester's copy cannot be read: {PlainReason.Of(e)}.", $"Give the file that {Step.RequesterCopy} wrote.", e);
        }
    }
}

/// <summary>One item or span, or a subject of whom nothing was found, and the nonce that hides it.</summary>
/// <param name="Item">Id of the item, or the subject.</param>
/// <param name="Nonce">32 bytes that only the requester knows.</param>
/// <param name="Span">Range that is cut, or <see langword="null"/> for the whole item.</param>
/// <param name="Kind"><see cref="NameKind.Subject"/> where <paramref name="Item"/> is a subject; left out for items.</param>
public sealed record CommittedItem(string Item, byte[] Nonce, string? Span = null, NameKind? Kind = null)
{
    /// <summary>Names an item or a span of it, with the nonce that follows from the requester's code: HMAC-SHA256(code, <c>nonce</c> ‖ 0x00 ‖ name).</summary>
    /// <param name="code">Output of <see cref="RequesterCopy.NewCode"/>.</param>
    /// <param name="item">Id of the item.</param>
    /// <param name="span">Range that is cut, or <see langword="null"/>.</param>
    /// <exception cref="FormatException">The code is not hexadecimal.</exception>
    public static CommittedItem Of(string code, string item, TextSpan? span)
    {
        return new CommittedItem(item, Nonces(code, Name(item, span?.ToString())), span?.ToString());
    }

    /// <summary>Names a subject of whom nothing was found, by the same rule.</summary>
    /// <param name="code">Output of <see cref="RequesterCopy.NewCode"/>.</param>
    /// <param name="subject">The subject.</param>
    /// <exception cref="FormatException">The code is not hexadecimal.</exception>
    public static CommittedItem OfSubject(string code, string subject) => new(subject, Nonces(code, SubjectName(subject)), null, NameKind.Subject);

    /// <summary>HMAC-SHA256(nonce, name); the name is <c>item</c> ‖ 0x00 ‖ id, for a span <c>span</c> ‖ 0x00 ‖ id ‖ 0x00 ‖ <c>A..B</c>, for a subject <c>subject</c> ‖ 0x00 ‖ subject.</summary>
    public Digest Commitment() => Digest.Keyed(Nonce, Encoding.UTF8.GetBytes(Kind == NameKind.Subject ? SubjectName(Item) : Name(Item, Span)));

    private static byte[] Nonces(string code, string name) => Digest.Keyed(Convert.FromHexString(code), Encoding.UTF8.GetBytes($"nonce\0{name}")).ToBytes();

    private static string SubjectName(string subject) => $"subject\0{subject}";

    private static string Name(string item, string? span) => span is null ? $"item\0{item}" : $"span\0{item}\0{span}";
}
