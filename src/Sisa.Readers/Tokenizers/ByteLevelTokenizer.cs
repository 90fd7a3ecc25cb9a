using System.Text;
using System.Text.RegularExpressions;
using Sisa.Training;
using Library = Microsoft.ML.Tokenizers;

namespace Sisa.Readers.Tokenizers;

/// <summary>Merges pairs of bytes by a vocabulary and merges of its own (BPE: Sennrich et al. 2016, on bytes as in GPT-2), as GPT-2, SmolLM and Qwen2 do.</summary>
/// <remarks>Text is not normalised, so that the tokens' bytes are those of the text. Characters with a byte that the vocabulary has no token for get none, as in the tokenizer's own library.</remarks>
internal sealed class ByteLevelTokenizer : Tokenizer
{
    private readonly Library.BpeTokenizer _library;
    private readonly byte[]?[] _bytes;
    private readonly bool[] _isMissing = new bool[256];

    /// <summary>Makes the tokenizer.</summary>
    /// <param name="numbers">Its token numbers.</param>
    /// <param name="vocabulary">Tokens in the byte alphabet with their numbers, each once; without marks.</param>
    /// <param name="merges">Pairs of tokens, joined by a space, the first to be merged first; they and what they make are in the vocabulary.</param>
    /// <param name="pattern">Where text is cut before that.</param>
    public ByteLevelTokenizer(TokenNumbers numbers, IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> merges, Regex pattern)
        : base(numbers)
    {
        _bytes = new byte[]?[numbers.Vocabulary];
        foreach (var (token, number) in vocabulary)
        {
            _bytes[number] = ByteAlphabet.BytesOf(token);
        }

        MissingBytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value).Where(value => !vocabulary.ContainsKey(ByteAlphabet.SymbolOf(value).ToString()))];
        foreach (var value in MissingBytes)
        {
            _isMissing[value] = true;
        }

        _library = Library.BpeTokenizer.Create(new Library.BpeOptions(vocabulary) { Merges = merges, ByteLevel = true, PreTokenizer = new BoundedPreTokenizer(pattern) });
    }

    /// <inheritdoc/>
    public override IReadOnlyList<byte> MissingBytes { get; }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) => tokens.AddRange(_library.EncodeToIds(HasMissing(utf8) ? Known(utf8) : Encoding.UTF8.GetString(utf8)));

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Bytes(int token) => _bytes[token];

    private bool HasMissing(ReadOnlySpan<byte> utf8)
    {
        if (MissingBytes.Count == 0)
        {
            return false;
        }

        foreach (var value in utf8)
        {
            if (_isMissing[value])
            {
                return true;
            }
        }

        return false;
    }

    // Whole characters: half of one would be no text.
    private string Known(ReadOnlySpan<byte> utf8)
    {
        var known = new StringBuilder(utf8.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in Encoding.UTF8.GetString(utf8).EnumerateRunes())
        {
            if (!HasMissing(bytes[..rune.EncodeToUtf8(bytes)]))
            {
                known.Append(rune);
            }
        }

        return known.ToString();
    }
}
