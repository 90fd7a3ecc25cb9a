using Google.Protobuf;

namespace Sisa.Readers.Tests;

/// <summary>Writes <c>tokenizer.model</c> files as SentencePiece does.</summary>
internal static class SentencePieceFile
{
    /// <summary>Pieces of text of the vocabulary; marks, and pieces that a text could make a mark of, among them.</summary>
    public static IReadOnlyList<string> Texts { get; } = ["▁t", "he", "▁the", "s>", "</", "▁▁", "▁", "a", "h", "e", "t", "é", "<", "s", ">", "/", "0", "x", "4", "1", "дом", "д", "о", "м", "до", "0x", "41>", "<0x"];

    /// <summary>Writes the file.</summary>
    public static void Write(string path, string normalizer = "", bool fallsBack = true, int type = 2, int bytes = 256, string without = "")
    {
        List<(string Text, int Kind)> pieces = [("<unk>", 2), ("<s>", 3), ("</s>", 3), .. Enumerable.Range(0, bytes).Select(value => ($"<0x{value:X2}>", 6)), .. Texts.Where(text => text != without).Select(text => (text, 1))];
        using var model = new MemoryStream();
        var output = new CodedOutputStream(model);
        for (var i = 0; i < pieces.Count; i++)
        {
            Message(output, 1, piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(pieces[i].Text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(-i);
                piece.WriteTag(3, WireFormat.WireType.Varint);
                piece.WriteInt32(pieces[i].Kind);
            });
        }

        Message(output, 2, trainer =>
        {
            Number(trainer, 3, type);
            Number(trainer, 35, fallsBack ? 1 : 0);
        });
        Message(output, 3, spec =>
        {
            spec.WriteTag(2, WireFormat.WireType.LengthDelimited);
            spec.WriteString(normalizer);
            Number(spec, 3, 1);
            Number(spec, 4, 0);
        });
        output.Flush();
        File.WriteAllBytes(path, model.ToArray());
    }

    private static void Number(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var inner = new CodedOutputStream(bytes, leaveOpen: true))
        {
            write(inner);
        }

        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes.ToArray()));
    }
}
