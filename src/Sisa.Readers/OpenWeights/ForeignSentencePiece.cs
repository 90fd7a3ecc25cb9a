using Sisa.Models;
using Sisa.Readers.Tokenizers;

namespace Sisa.Readers.OpenWeights;

/// <summary>Checks the unused parts of <c>tokenizer.model</c>, and of <c>tokenizer.json</c> beside it.</summary>
internal static class ForeignSentencePiece
{
    private const string OtherFiles = "Copy the complete directory of the model again, so that its files belong together.";
    private static readonly string[] Normalizers = ["Prepend", "Replace"];
    private static readonly string[] Decoders = ["Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"];

    /// <summary>Refuses a model with unknown content, and a <c>tokenizer.json</c> that gives other tokens.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="marks">Its marks and added tokens.</param>
    /// <param name="found">The tokenizer as read.</param>
    /// <exception cref="OpenWeightsException">They do.</exception>
    public static void RefuseUnknown(string folder, MarkTable marks, BaseFiles found)
    {
        var path = Path.Combine(folder, SentencePieceModel.FileName);
        var bytes = FolderFile.Read(folder, SentencePieceModel.FileName, FolderFile.MaxTableBytes);
        SentencePieceFields.RefuseUnknown(bytes, path);
        var model = SentencePieceModel.Read(bytes, path);
        ForeignTokenizer.RefuseTaken(folder, marks.Added, model.Pieces.Select((piece, number) => (piece.Text, number)), SentencePieceModel.FileName);
        if (FolderFile.IsThere(folder, PreTokenizerConfig.FileName))
        {
            RefuseOther(FolderFile.ReadJson(folder, PreTokenizerConfig.FileName, FolderFile.MaxTableBytes), model, found);
        }
    }

    private static void RefuseOther(JsonMap file, SentencePieceModel model, BaseFiles found)
    {
        TokenizerJsonKeys.File.RefuseOthers(file);
        TokenizerJsonKeys.RefuseKinds(file, "normalizer", "normalizers", part => Normalizers.Contains(part.Text("type")) && IsSpace(part), "none, or the replacement of spaces by the sign for a space");
        TokenizerJsonKeys.RefuseKinds(
            file,
            "pre_tokenizer",
            "pretokenizers",
            part => part.Text("type") == "Metaspace" && !part.Truth("split", true),
            "none, or Metaspace with split: false",
            "Pieces extend across spaces here, as in the tokenizers of Llama and Mistral.");
        TokenizerJsonKeys.RefuseKinds(file, "decoder", "decoders", part => Decoders.Contains(part.Text("type")), string.Join(", ", Decoders));
        TokenizerJsonKeys.RefuseKinds(file, "post_processor", "processors", part => ForeignByteLevel.IsOwnMarks(part, found.Tokens), "none, or TemplateProcessing with the marks of the model only");
        if (file.Map("model") is not { } bpe)
        {
            return;
        }

        if (bpe.Text("type") is { } type && type != "BPE")
        {
            throw bpe.Refuse("type", Formats.RowFault.Quote(type), $"BPE, which {SentencePieceModel.FileName} is", OtherFiles);
        }

        TokenizerJsonKeys.Model.RefuseOthers(bpe, "Choose a base with a tokenizer like those of Llama or Mistral.");
        if (!bpe.Truth("byte_fallback", false))
        {
            throw bpe.Refuse("byte_fallback", "false", $"true, which {SentencePieceModel.FileName} is", OtherFiles);
        }

        RefuseOtherVocabulary(bpe, model);
    }

    private static void RefuseOtherVocabulary(JsonMap bpe, SentencePieceModel model)
    {
        if (bpe.Map("vocab") is not { } map)
        {
            return;
        }

        foreach (var (text, number) in ByteLevelFiles.ReadVocabulary(map))
        {
            if (number >= model.Pieces.Count || model.Pieces[number].Text != text)
            {
                throw map.Refuse(text, $"{number}", number < model.Pieces.Count ? $"the number of {Formats.RowFault.Quote(model.Pieces[number].Text)}, as {SentencePieceModel.FileName} says" : $"below {model.Pieces.Count}, the pieces of {SentencePieceModel.FileName}", OtherFiles);
            }
        }
    }

    // A space before a text, which is not put there, and the sign for one within it.
    private static bool IsSpace(JsonMap part)
    {
        var sign = SentencePieceModel.Space.ToString();
        return part.Text("type") == "Prepend" ? part.Text("prepend") == sign : part.Map("pattern")?.Text("String") == " " && part.Text("content") == sign;
    }
}
