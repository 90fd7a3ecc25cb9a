using System.Text;
using System.Text.RegularExpressions;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Library = Microsoft.ML.Tokenizers;

namespace Sisa.Readers.Tokenizers;

/// <summary>Merges pairs of bytes by a vocabulary and merges of its own (BPE: Sennrich et al. 2016, on bytes as in GPT-2), as GPT-2, SmolLM and Qwen2 do.</summary>
/// <remarks>Text is not normalised, so that the tokens' bytes are those of the text. Characters with a byte that the vocabulary has no token for get none, as in the tokenizer's own library.</remarks>
internal sealed class ByteLevelTokenizer : Tokenizer
{
    private readonly Library.BpeTokenizer _library;
    private readonly VerbatimTokens _verbatim;
    private readonly byte[]?[] _bytes;
    private readonly bool[] _isMissing = new bool[256];

    /// <summary>Makes the tokenizer.</summary>
    /// <param name="numbers">Its token numbers.</param>
    /// <param name="vocabulary">Tokens in the byte alphabet with their numbers, each once; without marks.</param>
    /// <param name="merges">Pairs of tokens, joined by a space, the first to be merged first; they and what they make are in the vocabulary.</param>
    /// <param name="pattern">Where text is cut before that.</param>
    /// <param name="texts">Tokens that match wherever their characters occur; they are not in the vocabulary.</param>
    public ByteLevelTokenizer(TokenNumbers numbers, IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> merges, Regex pattern, IReadOnlyList<AddedToken> texts)
        : base(numbers)
    {
        _bytes = new byte[]?[numbers.Vocabulary];
        foreach (var (token, number) in vocabulary)
        {
            _bytes[number] = ByteAlphabet.BytesOf(token);
        }

        foreach (var token in texts)
        {
            _bytes[token.Number] = Encoding.UTF8.GetBytes(token.Text);
        }

        _verbatim = new VerbatimTokens(texts.Select(token => (token.Text, token.Number, token.IsNormalized)));
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
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        foreach (var (part, token) in _verbatim.Cut(Encoding.UTF8.GetString(utf8)))
        {
            if (token is { } number)
            {
                tokens.Add(number);
            }
            else
            {
                tokens.AddRange(_library.EncodeToIds(MissingBytes.Count == 0 ? part : Known(part)));
            }
        }
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Bytes(int token) => _bytes[token];

    // Whole characters: half of one would be no text.
    private string Known(string text)
    {
        var known = new StringBuilder(text.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (!HasMissing(bytes[..rune.EncodeToUtf8(bytes)]))
            {
                known.Append(rune);
            }
        }

        return known.ToString();
    }

    private bool HasMissing(ReadOnlySpan<byte> utf8)
    {
        foreach (var value in utf8)
        {
            if (_isMissing[value])
            {
                return true;
            }
        }

        return false;
    }
}
