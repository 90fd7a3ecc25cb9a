using System.Text;
using System.Text.RegularExpressions;
using Sisa.Models;
using Library = Microsoft.ML.Tokenizers;

namespace Sisa.Readers.Tokenizers;

/// <summary>A pre-trained tiktoken encoding, which ships with the program.</summary>
internal sealed class TiktokenEncodingTokenizer : Tokenizer
{
    private readonly IReadOnlyList<byte[]> _bytes;
    private readonly Library.TiktokenTokenizer _library;

    private TiktokenEncodingTokenizer(TokenNumbers numbers, IReadOnlyList<byte[]> bytes, Regex pattern)
        : base(numbers)
    {
        _bytes = bytes;

        // Made without marks, unlike the library's own encodings, in which a text that looks like a mark becomes one.
        _library = Library.TiktokenTokenizer.Create(TiktokenVocabulary.ToFile(bytes), new BoundedPreTokenizer(pattern), normalizer: null);
    }

    /// <summary>Loads <c>cl100k_base</c>, which takes a few tenths of a second.</summary>
    /// <param name="numbers">Its token numbers.</param>
    public static Tokenizer Cl100kBase(TokenNumbers numbers) => new TiktokenEncodingTokenizer(numbers, TiktokenVocabulary.Read("Cl100kBase", "cl100k_base"), PreTokens.Cl100kBase);

    /// <summary>Loads <c>o200k_base</c>, which takes a few tenths of a second.</summary>
    /// <param name="numbers">Its token numbers.</param>
    public static Tokenizer O200kBase(TokenNumbers numbers) => new TiktokenEncodingTokenizer(numbers, TiktokenVocabulary.Read("O200kBase", "o200k_base"), PreTokens.O200kBase);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) => tokens.AddRange(_library.EncodeToIds(Encoding.UTF8.GetString(utf8)));

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Bytes(int token) => token < _bytes.Count ? _bytes[token] : default(ReadOnlyMemory<byte>);
}
