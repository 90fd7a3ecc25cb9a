using System.Text;
using Microsoft.ML.Tokenizers;
using Sisa.Training;

namespace Sisa.Readers.Features;

/// <summary>A pre-trained tiktoken encoding, its token numbers reduced modulo the buckets.</summary>
/// <remarks>The vocabulary was learnt from public data before any corpus here (rule E5) and ships with the program.</remarks>
internal sealed class TiktokenEncoding : ITextEncoding
{
    private readonly TiktokenTokenizer _tokenizer;
    private readonly int _buckets;

    /// <summary>Loads the vocabulary, which takes a few tenths of a second.</summary>
    /// <param name="feature">Which encoding, and the buckets.</param>
    public TiktokenEncoding(TextFeature feature)
    {
        _tokenizer = TiktokenTokenizer.CreateForEncoding(feature.Encoding == TextEncodingKind.O200kBase ? "o200k_base" : "cl100k_base");
        _buckets = feature.Buckets;
    }

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<byte> utf8, Span<int> tokens)
    {
        var text = Encoding.UTF8.GetString(utf8);
        var ids = _tokenizer.EncodeToIds(text, tokens.Length, out _, out _);
        for (var i = 0; i < ids.Count; i++)
        {
            tokens[i] = ids[i] % _buckets;
        }

        return ids.Count;
    }
}
