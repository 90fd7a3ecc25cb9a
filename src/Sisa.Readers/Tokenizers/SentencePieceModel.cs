using Google.Protobuf;

namespace Sisa.Readers.Tokenizers;

/// <summary>What kind of piece a piece of a SentencePiece model is, with the numbers of its file.</summary>
internal enum PieceKind
{
    /// <summary>Text.</summary>
    Normal = 1,

    /// <summary>Stands for what the vocabulary cannot say.</summary>
    Unknown = 2,

    /// <summary>A mark.</summary>
    Control = 3,

    /// <summary>Text that is never cut.</summary>
    UserDefined = 4,

    /// <summary>Nothing.</summary>
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

    /// <summary>What stands for a space in pieces.</summary>
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
        catch (InvalidProtocolBufferException e)
        {
            throw new OpenWeightsException($"{path} is no SentencePiece model: {e.Message}", "Get the file again from where it was published.", e);
        }
    }

    private static SentencePieceModel Parse(byte[] file, string path)
    {
        var pieces = new List<(string, PieceKind)>();
        var trainer = new Fields();
        var normalizer = new Fields();
        var input = new CodedInputStream(file);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (1, WireFormat.WireType.LengthDelimited):
                    var piece = new Fields();
                    piece.Read(input.ReadBytes());
                    pieces.Add((piece.Text(1), (PieceKind)piece.Number(3, 1)));
                    break;
                case (2, WireFormat.WireType.LengthDelimited):
                    trainer.Read(input.ReadBytes());
                    break;
                case (3, WireFormat.WireType.LengthDelimited):
                    normalizer.Read(input.ReadBytes());
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        Refuse(pieces.Count == 0, path, "has no pieces", "a vocabulary");
        Refuse(trainer.Number(3, 1) != BytePairs, path, $"has a model of type {trainer.Number(3, 1)}", $"{BytePairs}, which merges pairs");
        Refuse(normalizer.HasBytes(2) || normalizer.Number(4, 1) != 0 || normalizer.Number(5, 1) == 0 || trainer.Number(24, 0) != 0, path, "changes texts (its normalizer is not the identity)", "one whose tokens give the text back, as Llama's and Mistral's");
        Refuse(pieces.Select(piece => piece.Item1).Distinct(StringComparer.Ordinal).Count() < pieces.Count, path, "has a piece twice", "each once");
        Refuse(pieces.Exists(piece => piece.Item1.Length == 0 || !Enum.IsDefined(piece.Item2)), path, "has a piece without text, or of no known kind", "texts");
        var bytes = Enumerable.Range(0, 256).Count(value => pieces.Contains((NameOf((byte)value), PieceKind.Byte)));
        Refuse(bytes < 256 || trainer.Number(35, 0) == 0, path, $"has pieces for {bytes} of 256 bytes{(trainer.Number(35, 0) == 0 ? ", and does not fall back to them" : string.Empty)}", "all of them, as Llama's and Mistral's");
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
            throw new OpenWeightsException($"{path} {found}; allowed: {allowed}.", "Choose a base with a tokenizer as Llama's, Mistral's, GPT-2's or Qwen2's.");
        }
    }

    /// <summary>Fields of a message inside it: numbers, and byte strings; the last of each counts, as protocol buffers say.</summary>
    private sealed class Fields
    {
        private readonly Dictionary<int, long> _numbers = [];
        private readonly Dictionary<int, ByteString> _bytes = [];

        public void Read(ByteString message)
        {
            var input = message.CreateCodedInput();
            for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                switch (WireFormat.GetTagWireType(tag))
                {
                    case WireFormat.WireType.Varint:
                        _numbers[WireFormat.GetTagFieldNumber(tag)] = input.ReadInt64();
                        break;
                    case WireFormat.WireType.LengthDelimited:
                        _bytes[WireFormat.GetTagFieldNumber(tag)] = input.ReadBytes();
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }
        }

        // Numbers of 32 bits may be written with the sign bits of 64.
        public long Number(int field, int standard) => _numbers.TryGetValue(field, out var number) ? (int)number : standard;

        public bool HasBytes(int field) => _bytes.TryGetValue(field, out var bytes) && bytes.Length > 0;

        public string Text(int field) => _bytes.TryGetValue(field, out var bytes) ? bytes.ToStringUtf8() : string.Empty;
    }
}
