using System.Buffers;
using System.Text;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Library = Microsoft.ML.Tokenizers;

namespace Sisa.Readers.Tokenizers;

/// <summary>A SentencePiece model (Kudo and Richardson 2018) that merges pairs and falls back to bytes, as those of Llama and Mistral.</summary>
/// <remarks>Exact, where the library is not: no space is put before a text, the sign that stands for a space in pieces is itself when it is in a text, and a text that looks like a
/// mark is text.</remarks>
internal sealed class SentencePieceTokenizer : Tokenizer
{
    // Field 3 of the model (the normalizer's) with its own field 3 (whether a space is put before a text) as 0. A message that is there twice is merged.
    private static readonly byte[] NoSpaceBefore = [0x1A, 0x02, 0x18, 0x00];

    private readonly Library.SentencePieceTokenizer _library;
    private readonly byte[]?[] _bytes;
    private readonly int[] _ofByte = new int[256];
    private readonly string[] _unsayable;
    private readonly SearchValues<string> _search;
    private readonly VerbatimTokens _verbatim;

    /// <summary>Makes the tokenizer.</summary>
    /// <param name="numbers">Its token numbers.</param>
    /// <param name="model">The model.</param>
    /// <param name="texts">Tokens beyond the model that match wherever their characters occur.</param>
    /// <param name="file">The model's file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="OpenWeightsException">The library cannot read it.</exception>
    public SentencePieceTokenizer(TokenNumbers numbers, SentencePieceModel model, IReadOnlyList<AddedToken> texts, byte[] file, string path)
        : base(numbers)
    {
        _bytes = new byte[]?[numbers.Vocabulary];
        for (var number = 0; number < model.Pieces.Count; number++)
        {
            var (text, kind) = model.Pieces[number];
            if (kind == PieceKind.Normal)
            {
                _bytes[number] = Encoding.UTF8.GetBytes(text.Replace(SentencePieceModel.Space, ' '));
            }
            else if (kind == PieceKind.Byte)
            {
                var value = Convert.ToByte(text[3..5], 16);
                (_bytes[number], _ofByte[value]) = ([value], number);
            }
        }

        // What the model's user defined is text too, and never cut.
        (string Text, int Number, bool IsLate)[] verbatim =
        [
            .. texts.Select(token => (token.Text, token.Number, false)),
            .. model.Pieces.Select((piece, number) => (piece.Text.Replace(SentencePieceModel.Space, ' '), number, true)).Where(entry => model.Pieces[entry.number].Kind == PieceKind.UserDefined),
        ];
        foreach (var (text, number, _) in verbatim)
        {
            _bytes[number] = Encoding.UTF8.GetBytes(text);
        }

        _verbatim = new VerbatimTokens(verbatim);

        // The pieces of bytes are not made of text either: "<0x41>" is six characters.
        _unsayable = [.. model.Pieces.Where(piece => piece.Kind != PieceKind.Normal).Select(piece => piece.Text)];
        _search = SearchValues.Create(_unsayable, StringComparison.Ordinal);
        try
        {
            _library = Library.SentencePieceTokenizer.Create(new MemoryStream([.. file, .. NoSpaceBefore]), addBeginningOfSentence: false, addEndOfSentence: false, specialTokens: null);
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new OpenWeightsException($"{path} is not a usable model: it is not a complete protocol buffer of one.", "Get the file again from its publisher.", e);
        }
    }

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
                EncodePart(part, tokens);
            }
        }
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Bytes(int token) => _bytes[token];

    private void EncodePart(ReadOnlySpan<char> text, List<int> tokens)
    {
        while (text.Length > 0)
        {
            var sign = text.IndexOf(SentencePieceModel.Space);
            EncodePlain(sign < 0 ? text : text[..sign], tokens);
            if (sign < 0)
            {
                return;
            }

            AddBytes(text.Slice(sign, 1), tokens);
            text = text[(sign + 1)..];
        }
    }

    // Merging goes across all of a text, so that a mark could come about anywhere in it. It cannot where the text is cut within what looks like one.
    private void EncodePlain(ReadOnlySpan<char> text, List<int> tokens)
    {
        var written = text.ToString().Replace(' ', SentencePieceModel.Space);
        var start = 0;
        foreach (var cut in Cuts(written))
        {
            AddPieces(text[start..cut], tokens);
            start = cut;
        }

        AddPieces(text[start..], tokens);
    }

    private SortedSet<int> Cuts(string written)
    {
        var cuts = new SortedSet<int>();
        for (var from = 0; written.AsSpan(from).IndexOfAny(_search) is var found and >= 0; from += found + 1)
        {
            var at = from + found;
            cuts.Add(at);
            cuts.Add(at + (char.IsHighSurrogate(written[at]) ? 2 : 1));
        }

        return cuts;
    }

    private void AddPieces(ReadOnlySpan<char> text, List<int> tokens)
    {
        if (text.Length <= 2 && Array.IndexOf(_unsayable, text.ToString().Replace(' ', SentencePieceModel.Space)) >= 0)
        {
            AddBytes(text, tokens);
        }
        else if (text.Length > 0)
        {
            tokens.AddRange(_library.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false));
        }
    }

    private void AddBytes(ReadOnlySpan<char> text, List<int> tokens)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text.ToArray()))
        {
            tokens.Add(_ofByte[value]);
        }
    }
}
