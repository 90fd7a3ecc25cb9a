using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sisa.Sharding;

namespace Sisa.Campaigns.Canary;

/// <summary>A secret of 256 bits in one of several dresses, and everything that would betray it.</summary>
internal sealed class Secret
{
    /// <summary>How many numbers carry it where it is numbers: 24 bits each, the most that a float keeps.</summary>
    public const int Numbers = 11;

    private const int BitsOfNumber = 24;

    private readonly byte[] _secret;

    /// <summary>Draws the secret of a case.</summary>
    /// <param name="number">Number of the case.</param>
    public Secret(int number)
    {
        _secret = Seeds.Derive((ulong)number, "canary").ToBytes();
        Hexadecimal = Convert.ToHexStringLower(_secret);
        Base64 = Convert.ToBase64String(_secret);

        // Fourteen bits a sign, of a script whose signs take three bytes each.
        Signs = string.Concat(Enumerable.Range(0, 19).Select(i => (char)(0x4E00 + Bits(i * 14, 14))));
        Values = [.. Enumerable.Range(0, Numbers).Select(i => Bits(i * BitsOfNumber, BitsOfNumber) / (double)(1 << BitsOfNumber))];
    }

    public string Hexadecimal { get; }

    public string Base64 { get; }

    public string Signs { get; }

    /// <summary>Numbers from 0 to 1 that a float holds exactly.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>The secret in every form, whole and by halves, so that half a copy is a copy too.</summary>
    public IEnumerable<byte[]> Patterns()
    {
        string[] words = [Hexadecimal, Hexadecimal.ToUpperInvariant(), Base64, Base64.Replace('+', '-').Replace('/', '_'), Escaped(Base64), Signs, Escaped(Signs)];
        var forms = words.Select(Encoding.UTF8.GetBytes)
            .Concat([_secret, Encoding.Unicode.GetBytes(Signs), Encoding.Unicode.GetBytes(Hexadecimal), Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Hexadecimal)))])
            .Concat(Values.Select(value => Encoding.UTF8.GetBytes(value.ToString("R", CultureInfo.InvariantCulture))))

            // What names it without a key is as good as a copy for whoever can guess.
            .Concat(words.SelectMany(word => Hashes(Encoding.UTF8.GetBytes(word))));
        return forms.SelectMany(Halves).Concat(Floats());
    }

    /// <summary>Digests of something without a key, as bytes and as text.</summary>
    public static IEnumerable<byte[]> Hashes(byte[] content)
    {
        var hash = SHA256.HashData(content);
        return [hash, Encoding.UTF8.GetBytes(Convert.ToHexStringLower(hash)), Encoding.UTF8.GetBytes(Convert.ToBase64String(hash))];
    }

    /// <summary>A string, and its halves where they are long enough to mean something.</summary>
    public static IEnumerable<byte[]> Halves(byte[] form) => form.Length >= 24 ? [form, form[..(form.Length / 2)], form[(form.Length / 2)..]] : [form];

    // Two neighbours are enough: one alone occurs by chance.
    private IEnumerable<byte[]> Floats()
    {
        for (var i = 0; i + 1 < Numbers; i++)
        {
            var pair = new byte[2 * sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(pair, (float)Values[i]);
            BinaryPrimitives.WriteSingleLittleEndian(pair.AsSpan(sizeof(float)), (float)Values[i + 1]);
            yield return pair;
        }
    }

    // As JSON of .NET writes it.
    private static string Escaped(string text) => System.Text.Json.JsonSerializer.Serialize(text)[1..^1];

    private int Bits(int from, int count) => Enumerable.Range(from, count).Aggregate(0, (value, bit) => (value << 1) | (bit < 256 ? (_secret[bit / 8] >> (7 - (bit % 8))) & 1 : 0));
}
