using System.Text.Json;
using Sisa.Models;
using Sisa.Readers.Tokenizers;

namespace Sisa.Readers.OpenWeights;

/// <summary>Checks <c>tokenizer.json</c> beside <c>vocab.json</c> and <c>merges.txt</c>: it must have the same vocabulary, and nothing unsupported.</summary>
internal static class ForeignByteLevel
{
    private const string OtherFiles = "Write both again from the tokenizer of the model: Tokenizer.from_file('tokenizer.json').model.save(DIR) of the Python package tokenizers gives vocab.json and merges.txt.";

    /// <summary>Refuses a <c>tokenizer.json</c> that gives other tokens than the files beside it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="marks">Its marks and added tokens.</param>
    /// <param name="found">The tokenizer as read.</param>
    /// <exception cref="OpenWeightsException">It does, or a key of it is not known.</exception>
    public static void RefuseUnknown(string folder, MarkTable marks, BaseFiles found)
    {
        var table = ByteLevelFiles.ReadVocabulary(folder);
        ForeignTokenizer.RefuseTaken(folder, marks.Added, table.Select(entry => (entry.Key, entry.Value)), ByteLevelFiles.Vocabulary);
        if (!FolderFile.IsThere(folder, PreTokenizerConfig.FileName))
        {
            return;
        }

        var file = FolderFile.ReadJson(folder, PreTokenizerConfig.FileName, FolderFile.MaxTableBytes);
        TokenizerJsonKeys.File.RefuseOthers(file);
        if (file.Map("pre_tokenizer") is { } step)
        {
            TokenizerJsonKeys.RefusePreTokenizer(step);
        }

        // Texts are cut as they are, so that their tokens give them back: NFC and NFKC change some, and docs/open-weights.md says so of the one that is let in.
        TokenizerJsonKeys.RefuseKinds(file, "normalizer", "normalizers", part => part.Text("type") == "NFC", "none, or NFC", "Sisa does not change texts before it cuts them. Choose a base with a tokenizer like those of GPT-2 or Qwen2.");
        TokenizerJsonKeys.RefuseKinds(file, "decoder", "decoders", part => part.Text("type") == "ByteLevel", "ByteLevel");
        TokenizerJsonKeys.RefuseKinds(file, "post_processor", "processors", part => part.Text("type") == "ByteLevel" || IsOwnMarks(part, found.Tokens), "none, ByteLevel, or TemplateProcessing with the marks of the model only");
        if (file.Map("model") is { } model)
        {
            RefuseModel(model, folder, table, marks);
        }
    }

    /// <summary>Whether a step after cutting puts the marks of the model about a text, as is done here, and nothing else.</summary>
    /// <param name="part">The step.</param>
    /// <param name="tokens">Numbers of the marks.</param>
    public static bool IsOwnMarks(JsonMap part, TokenNumbers tokens)
    {
        if (part.Text("type") != "TemplateProcessing")
        {
            return false;
        }

        var marks = part.Map("special_tokens");
        return marks is null || marks.Entries.All(entry => marks.Map(entry.Key)!.List("ids").All(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) && (number == tokens.Begin || number == tokens.End)));
    }

    private static void RefuseModel(JsonMap model, string folder, Dictionary<string, int> table, MarkTable marks)
    {
        if (model.Text("type") is { } type && type != "BPE")
        {
            throw model.Refuse("type", Formats.RowFault.Quote(type), "BPE", "Choose a base with a tokenizer like those of Llama, Mistral, GPT-2 or Qwen2.");
        }

        TokenizerJsonKeys.Model.RefuseOthers(model, "Choose a base with a tokenizer like those of GPT-2 or Qwen2.");

        // C0, C1 and F5 to FF are in no UTF-8.
        var isWhole = Enumerable.Range(0, 0xF5).Except([0xC0, 0xC1]).All(value => table.ContainsKey(ByteAlphabet.SymbolOf((byte)value).ToString()));
        if (!isWhole && (model.Truth("byte_fallback", false) || model.Has("unk_token")))
        {
            var key = model.Has("unk_token") ? "unk_token" : "byte_fallback";
            throw model.Refuse(key, JsonShown.Of(model.Find(key)!.Value), "none in a vocabulary without a token for every byte; Sisa omits characters that need one");
        }

        RefuseOtherVocabulary(model, table, marks);
        RefuseOtherMerges(model, folder, table);
    }

    // Some versions write added tokens into vocab.json too.
    private static void RefuseOtherVocabulary(JsonMap model, Dictionary<string, int> table, MarkTable marks)
    {
        if (model.Map("vocab") is not { } map)
        {
            return;
        }

        var vocabulary = ByteLevelFiles.ReadVocabulary(map);
        foreach (var (token, number) in vocabulary)
        {
            if (!table.TryGetValue(token, out var other) || other != number)
            {
                throw map.Refuse(token, $"{number}", $"{(table.ContainsKey(token) ? $"{other}, as {ByteLevelFiles.Vocabulary} says" : $"a token of {ByteLevelFiles.Vocabulary}")}", OtherFiles);
            }
        }

        if (table.FirstOrDefault(entry => !vocabulary.ContainsKey(entry.Key) && marks.Added.Find(entry.Key) is null) is { Key: { } more })
        {
            throw model.Refuse("vocab", $"without {Formats.RowFault.Quote(more)}", $"every token of {ByteLevelFiles.Vocabulary}", OtherFiles);
        }
    }

    private static void RefuseOtherMerges(JsonMap model, string folder, Dictionary<string, int> table)
    {
        if (!model.Has("merges"))
        {
            return;
        }

        var merges = ByteLevelFiles.ReadMerges(folder, table);
        var listed = model.List("merges");
        for (var i = 0; i < Math.Max(merges.Count, listed.Count); i++)
        {
            var (found, expected) = (i < listed.Count ? Merge(model, listed[i]) : null, i < merges.Count ? merges[i] : null);
            if (found != expected)
            {
                throw model.Refuse($"merges[{i}]", found is null ? "missing" : Formats.RowFault.Quote(found), expected is null ? "no more of them" : $"{Formats.RowFault.Quote(expected)}, as {ByteLevelFiles.Merges} says", OtherFiles);
            }
        }
    }

    // A pair is a text with a space between, or, from version 0.20 on, a list of two.
    private static string Merge(JsonMap model, JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2
        ? $"{model.TextOf("merges", value[0])} {model.TextOf("merges", value[1])}"
        : model.TextOf("merges", value);
}
