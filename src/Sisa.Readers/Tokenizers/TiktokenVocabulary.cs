using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Text;

namespace Sisa.Readers.Tokenizers;

/// <summary>The exact bytes of every token of a tiktoken encoding, from the data packages of Microsoft.ML.Tokenizers.</summary>
/// <remarks>The library itself decodes to text, which parts of a code point are not.</remarks>
internal static class TiktokenVocabulary
{
    /// <summary>Reads the tokens.</summary>
    /// <param name="package">Name of the data package behind <c>Microsoft.ML.Tokenizers.Data.</c>.</param>
    /// <param name="name">Name of the encoding.</param>
    /// <returns>The bytes of token 0, 1, ….</returns>
    public static IReadOnlyList<byte[]> Read(string package, string name)
    {
        var resource = Assembly.Load($"Microsoft.ML.Tokenizers.Data.{package}").GetManifestResourceStream($"{name}.tiktoken.deflate")
            ?? throw new EnvironmentException($"The package of {name} does not hold its vocabulary.", "Reinstall Sisa.");
        using var reader = new StreamReader(new DeflateStream(resource, CompressionMode.Decompress), Encoding.ASCII);
        var tokens = new List<byte[]>();

        // The first line gives their number.
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            tokens.Add(Convert.FromBase64String(line));
        }

        return tokens;
    }

    /// <summary>The tokens in the format of tiktoken's own files.</summary>
    /// <param name="tokens">The bytes of token 0, 1, ….</param>
    public static Stream ToFile(IReadOnlyList<byte[]> tokens) =>
        new MemoryStream(Encoding.ASCII.GetBytes(string.Concat(tokens.Select((bytes, number) => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToBase64String(bytes)} {number}\n")))));
}
