using System.Text;

namespace Sisa.Readers.Tokenizers;

/// <summary>The kind of a piece of a SentencePiece model, with the numbers of its file.</summary>
internal enum PieceKind
{
    /// <summary>A text.</summary>
    Normal = 1,

    /// <summary>Stands for what the vocabulary cannot say.</summary>
    Unknown = 2,

    /// <summary>A mark.</summary>
    Control = 3,

    /// <summary>Text that is never cut.</summary>
    UserDefined = 4,

    /// <summary>Unused.</summary>
    Unused = 5,

    /// <summary>One byte.</summary>
    Byte = 6,
}

/// <summary><c>tokenizer.model</c>: what is needed beyond the library, and what the library would do differently from what is promised here.</summary>
/// <param name="Pieces">Texts and kinds, by number.</param>
/// <param name="Begin">Number of the mark before a text, or <see langword="null"/>.</param>
/// <param name="End">Number of the mark after a text, or <see langword="null"/>.</param>
internal sealed record SentencePieceModel(IReadOnlyList<(string Text, PieceKind Kind)> Pieces, int? Begin, int? End)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "tokenizer.model";

    /// <summary>The sign for a space in pieces.</summary>
    public const char Space = '\u2581';

    private const int BytePairs = 2;

    /// <summary>Reads a model.</summary>
    /// <param name="file">The file's bytes: a protocol buffer of type ModelProto.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="OpenWeightsException">It is none, or one whose tokens do not give the text back.</exception>
    public static SentencePieceModel Read(byte[] file, string path)
    {
        try
        {
            return Parse(file, path);
        }
        catch (FormatException e)
        {
            throw new OpenWeightsException($"{path} is not a SentencePiece model: {PlainReason.Of(e)}.", "Get the file again from its publisher.", e);
        }
    }

    /// <summary>The model with some more pieces as marks, which then no text becomes.</summary>
    /// <param name="marks">Numbers of the marks that a folder names; those beyond the model are no concern of it.</param>
    /// <param name="path">Path of the model, for messages.</param>
    /// <exception cref="OpenWeightsException">One of them is the piece of a byte.</exception>
    public SentencePieceModel WithMarks(IEnumerable<int> marks, string path)
    {
        var pieces = Pieces.ToArray();
        foreach (var mark in marks.Where(mark => mark < pieces.Length))
        {
            Refuse(pieces[mark].Kind == PieceKind.Byte, path, $"has the byte {pieces[mark].Text} as a mark", "marks that stand for no text");
            pieces[mark].Kind = PieceKind.Control;
        }

        return this with { Pieces = pieces };
    }

    private static SentencePieceModel Parse(byte[] file, string path)
    {
        var pieces = new List<(string, PieceKind)>();
        var trainer = new Fields();
        var normalizer = new Fields();
        var message = new ProtocolFields(file);
        while (message.Next())
        {
            switch (message.Field, message.IsNumber)
            {
                case (1, false):
                    var piece = new Fields();
                    piece.Read(message.Bytes);
                    pieces.Add((piece.Text(1), (PieceKind)piece.Number(3, 1)));
                    break;
                case (2, false):
                    trainer.Read(message.Bytes);
                    break;
                case (3, false):
                    normalizer.Read(message.Bytes);
                    break;
            }
        }

        Refuse(pieces.Count == 0, path, "has no pieces", "a vocabulary");
        Refuse(trainer.Number(3, 1) != BytePairs, path, $"has a model of type {trainer.Number(3, 1)}", $"{BytePairs}, which merges pairs");
        Refuse(normalizer.HasBytes(2) || normalizer.Number(4, 1) != 0 || normalizer.Number(5, 1) == 0 || trainer.Number(24, 0) != 0, path, "changes texts (its normalizer is not the identity)", "one whose tokens give the text back, like those of Llama and Mistral");
        Refuse(pieces.Select(piece => piece.Item1).Distinct(StringComparer.Ordinal).Count() < pieces.Count, path, "has a piece twice", "each once");
        Refuse(pieces.Exists(piece => piece.Item1.Length == 0 || !Enum.IsDefined(piece.Item2)), path, "has a piece without text, or of an unknown kind", "texts");
        var names = Enumerable.Range(0, 256).Select(value => NameOf((byte)value)).ToHashSet(StringComparer.Ordinal);
        var bytes = pieces.Count(piece => piece.Item2 == PieceKind.Byte && names.Contains(piece.Item1));
        Refuse(pieces.Exists(piece => piece.Item2 == PieceKind.Byte && !names.Contains(piece.Item1)), path, "has an invalid byte", "<0x00> to <0xFF>");

        // The library would say a space with the bytes of the sign that stands for it.
        Refuse(!pieces.Contains((Space.ToString(), PieceKind.Normal)), path, "has no piece for a space", "one");
        Refuse(bytes < 256 || trainer.Number(35, 0) == 0, path, $"has pieces for {bytes} of 256 bytes{(trainer.Number(35, 0) == 0 ? ", and does not fall back to them" : string.Empty)}", "all of them, like the tokenizers of Llama and Mistral");
        return new SentencePieceModel(pieces, Mark(trainer.Number(41, 1), pieces.Count), Mark(trainer.Number(42, 2), pieces.Count));
    }

    /// <summary>The text of the piece of a byte.</summary>
    /// <param name="value">The byte.</param>
    public static string NameOf(byte value) => $"<0x{value:X2}>";

    private static int? Mark(long number, int count) => number >= 0 && number < count ? (int)number : null;

    private static void Refuse(bool isSo, string path, string found, string allowed)
    {
        if (isSo)
        {
            throw new OpenWeightsException($"{path} {found}; allowed: {allowed}.", "Choose a base with a tokenizer like those of Llama, Mistral, GPT-2 or Qwen2.");
        }
    }

    /// <summary>Fields of a message inside it: numbers, and byte strings; the last of each counts, as protocol buffers say.</summary>
    private sealed class Fields
    {
        private readonly Dictionary<int, long> _numbers = [];
        private readonly Dictionary<int, byte[]> _bytes = [];

        public void Read(ReadOnlySpan<byte> message)
        {
            var fields = new ProtocolFields(message);
            while (fields.Next())
            {
                if (fields.IsNumber)
                {
                    _numbers[fields.Field] = fields.Number;
                }
                else
                {
                    _bytes[fields.Field] = fields.Bytes.ToArray();
                }
            }
        }

        // Numbers of 32 bits may be written with the sign bits of 64.
        public long Number(int field, int standard) => _numbers.TryGetValue(field, out var number) ? (int)number : standard;

        public bool HasBytes(int field) => _bytes.TryGetValue(field, out var bytes) && bytes.Length > 0;

        public string Text(int field)
        {
            try
            {
                return _bytes.TryGetValue(field, out var bytes) ? new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes) : string.Empty;
            }
            catch (DecoderFallbackException e)
            {
                throw new MalformedException("a text is not valid UTF-8", e);
            }
        }
    }
}
