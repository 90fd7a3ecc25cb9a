using Sisa.Models;
using Sisa.Readers.Tokenizers;

namespace Sisa.Readers.OpenWeights;

/// <summary>The tokenizer of a folder of open weights: which files it is, and what it does.</summary>
internal static class TokenizerFolder
{
    private const string Vocabulary = ByteLevelFiles.Vocabulary;
    private const string Merges = ByteLevelFiles.Merges;

    /// <summary>Names of the files of the tokenizer.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">There is none that can be read.</exception>
    public static IReadOnlyList<string> Files(string folder) => Files(folder, MarkTable.Read(folder));

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="vocabulary">Token numbers of the weights that it belongs to; <see langword="null"/> without weights.</param>
    /// <exception cref="OpenWeightsException">There is none, it is malformed, or it has numbers that the weights have not.</exception>
    public static Tokenizer Open(string folder, int? vocabulary)
    {
        var marks = MarkTable.Read(folder);
        return IsBytes(marks) ? OpenBytes(folder, vocabulary)
            : Files(folder, marks).Contains(Vocabulary) ? OpenByteLevel(folder, marks, vocabulary)
            : OpenSentencePiece(folder, marks, vocabulary);
    }

    private static bool IsBytes(MarkTable marks) => marks.Class == OpenWeightsFolder.ByteTokenizerClass;

    private static IReadOnlyList<string> Files(string folder, MarkTable marks)
    {
        if (IsBytes(marks))
        {
            return marks.Files;
        }

        if (ByteLevelFiles.AreThere(folder))
        {
            return [.. marks.Files, Vocabulary, Merges, .. FolderFile.IsThere(folder, PreTokenizerConfig.FileName) ? [PreTokenizerConfig.FileName] : Array.Empty<string>()];
        }

        if (FolderFile.IsThere(folder, SentencePieceModel.FileName))
        {
            return [.. marks.Files, SentencePieceModel.FileName];
        }

        throw FolderFile.IsThere(folder, PreTokenizerConfig.FileName)
            ? new OpenWeightsException(
                $"{folder} holds {PreTokenizerConfig.FileName}, but neither {Vocabulary} with {Merges} nor {SentencePieceModel.FileName}.",
                "The Python package tokenizers writes them: Tokenizer.from_file('tokenizer.json').model.save(DIR) gives vocab.json and merges.txt. Put both beside it.")
            : new OpenWeightsException(
                $"{folder} holds no tokenizer: no {Vocabulary} with {Merges}, and no {SentencePieceModel.FileName}.",
                "Copy the complete directory of the model, as its publisher offers it.");
    }

    private static ByteTokenizer OpenBytes(string folder, int? vocabulary) =>
        new(Check(folder, TokenNumbers.OfBytes with { Vocabulary = vocabulary ?? TokenNumbers.OfBytes.Vocabulary }, TokenNumbers.OfBytes.Vocabulary - 1));

    private static ByteLevelTokenizer OpenByteLevel(string folder, MarkTable marks, int? vocabulary)
    {
        var table = ByteLevelFiles.ReadVocabulary(folder);
        int? Find(string text) => table.TryGetValue(text, out var number) ? number : null;
        var (begin, end) = (marks.Begin(Find), marks.End(Find));
        var texts = marks.Texts(vocabulary, begin, end);
        var numbers = Numbers(folder, begin, end, texts.Select(token => token.Number).Append(table.Values.Max()).Max(), vocabulary);

        // Whatever merges say, a text never becomes a mark: it is not among what can be merged.
        HashSet<int> unmerged = [.. marks.Marks, .. texts.Select(token => token.Number), numbers.End, numbers.Begin ?? numbers.End];
        var plain = table.Where(entry => !unmerged.Contains(entry.Value) && ByteAlphabet.BytesOf(entry.Key) is { Length: > 0 }).ToDictionary(StringComparer.Ordinal);
        var merges = ByteLevelFiles.ReadMerges(folder, table).Where(merge => merge.Split(' ') is var pair && plain.ContainsKey(pair[0]) && plain.ContainsKey(pair[1]) && plain.ContainsKey(pair[0] + pair[1])).ToList();
        return new ByteLevelTokenizer(numbers, plain, merges, PreTokenizerConfig.Find(folder, marks.ModelType), texts);
    }

    private static SentencePieceTokenizer OpenSentencePiece(string folder, MarkTable marks, int? vocabulary)
    {
        var path = Path.Combine(folder, SentencePieceModel.FileName);
        var file = FolderFile.Read(folder, SentencePieceModel.FileName, FolderFile.MaxTableBytes);
        var model = SentencePieceModel.Read(file, path);
        int? Find(string text) => model.Pieces.Select(piece => piece.Text).ToList().IndexOf(text) is var number and >= 0 ? number : null;
        var (begin, end) = (marks.Begin(Find, model.Begin), marks.End(Find, model.End));
        var texts = marks.Texts(vocabulary, begin, end);
        var numbers = Numbers(folder, begin, end, texts.Select(token => token.Number).Append(model.Pieces.Count - 1).Max(), vocabulary);
        return new SentencePieceTokenizer(numbers, model.WithMarks([numbers.End, numbers.Begin ?? numbers.End, .. marks.Marks], path), texts, file, path);
    }

    private static TokenNumbers Numbers(string folder, int? begin, int? end, int last, int? vocabulary)
    {
        var mark = end ?? throw new OpenWeightsException($"No file in {folder} says which token ends a text.", $"Add eos_token_id to {ModelConfig.FileName}, or eos_token to {MarkTable.ConfigFile}.");
        return Check(folder, new TokenNumbers(vocabulary ?? Math.Max(last, Math.Max(mark, begin ?? mark)) + 1, begin, mark), last);
    }

    private static TokenNumbers Check(string folder, TokenNumbers numbers, int last)
    {
        var greatest = Math.Max(last, Math.Max(numbers.End, numbers.Begin ?? numbers.End));
        return greatest < numbers.Vocabulary ? numbers : throw new OpenWeightsException(
            $"The tokenizer in {folder} has the token {greatest}; the weights beside it have {numbers.Vocabulary} (vocab_size of {ModelConfig.FileName}).",
            "Put the tokenizer and the weights of one model into the folder.");
    }
}
