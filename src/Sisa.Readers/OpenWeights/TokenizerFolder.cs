using System.Text;
using Sisa.Readers.Tokenizers;
using Sisa.Training;

namespace Sisa.Readers.OpenWeights;

/// <summary>The tokenizer of a folder of open weights: which files it is, and what it does.</summary>
internal static class TokenizerFolder
{
    private const string Vocabulary = "vocab.json";
    private const string Merges = "merges.txt";
    private const int MaxNumber = 1 << 24;

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

        if (FolderFile.IsThere(folder, Vocabulary) && FolderFile.IsThere(folder, Merges))
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
                "The Python package tokenizers writes them: Tokenizer.from_file('tokenizer.json').model.save(DIR) gives vocab.json and merges.txt, to be put beside it.")
            : new OpenWeightsException(
                $"{folder} holds no tokenizer: no {Vocabulary} with {Merges}, and no {SentencePieceModel.FileName}.",
                "Copy the whole directory of the model, as its publisher offers it.");
    }

    private static ByteTokenizer OpenBytes(string folder, int? vocabulary) =>
        new(Check(folder, TokenNumbers.OfBytes with { Vocabulary = vocabulary ?? TokenNumbers.OfBytes.Vocabulary }, TokenNumbers.OfBytes.Vocabulary - 1));

    private static ByteLevelTokenizer OpenByteLevel(string folder, MarkTable marks, int? vocabulary)
    {
        var table = ReadVocabulary(folder);
        int? Find(string text) => table.TryGetValue(text, out var number) ? number : null;
        var numbers = Numbers(folder, marks.Begin(Find), marks.End(Find), table.Values.Max(), vocabulary);

        // Whatever merges say, a text never becomes a mark: it is not among what can be merged.
        HashSet<int> special = [.. marks.Added, numbers.End, numbers.Begin ?? numbers.End];
        var plain = table.Where(entry => !special.Contains(entry.Value) && ByteAlphabet.BytesOf(entry.Key) is { Length: > 0 }).ToDictionary(StringComparer.Ordinal);
        return new ByteLevelTokenizer(numbers, plain, ReadMerges(folder, table, plain), PreTokenizerConfig.Find(folder, marks.ModelType));
    }

    private static SentencePieceTokenizer OpenSentencePiece(string folder, MarkTable marks, int? vocabulary)
    {
        var path = Path.Combine(folder, SentencePieceModel.FileName);
        var file = FolderFile.Read(folder, SentencePieceModel.FileName, FolderFile.MaxTableBytes);
        var model = SentencePieceModel.Read(file, path);
        int? Find(string text) => model.Pieces.Select(piece => piece.Text).ToList().IndexOf(text) is var number and >= 0 ? number : null;
        var numbers = Numbers(folder, marks.Begin(Find, model.Begin), marks.End(Find, model.End), model.Pieces.Count - 1, vocabulary);
        return new SentencePieceTokenizer(numbers, model.WithMarks([numbers.End, numbers.Begin ?? numbers.End, .. marks.Added], path), file, path);
    }

    private static TokenNumbers Numbers(string folder, int? begin, int? end, int last, int? vocabulary)
    {
        var mark = end ?? throw new OpenWeightsException($"{folder} does not tell which token ends a text.", $"Add eos_token_id to {ModelConfig.FileName}, or eos_token to {MarkTable.ConfigFile}.");
        return Check(folder, new TokenNumbers(vocabulary ?? Math.Max(last, Math.Max(mark, begin ?? mark)) + 1, begin, mark), last);
    }

    private static TokenNumbers Check(string folder, TokenNumbers numbers, int last)
    {
        var greatest = Math.Max(last, Math.Max(numbers.End, numbers.Begin ?? numbers.End));
        return greatest < numbers.Vocabulary ? numbers : throw new OpenWeightsException(
            $"The tokenizer in {folder} has the token {greatest}; the weights beside it have {numbers.Vocabulary} (vocab_size of {ModelConfig.FileName}).",
            "Put the tokenizer and the weights of one model into the folder.");
    }

    private static Dictionary<string, int> ReadVocabulary(string folder)
    {
        var map = FolderFile.ReadJson(folder, Vocabulary, FolderFile.MaxTableBytes);
        var table = new Dictionary<string, int>(StringComparer.Ordinal);
        var numbers = new HashSet<int>();
        foreach (var (token, value) in map.Entries)
        {
            table[token] = value.ValueKind == System.Text.Json.JsonValueKind.Number && value.TryGetInt32(out var number) && number is >= 0 and <= MaxNumber && numbers.Add(number)
                ? number
                : throw map.Refuse(token, value, $"a whole number from 0 to {MaxNumber}, each once");
        }

        return table.Count > 0 ? table : throw new OpenWeightsException($"{map.Path} holds no tokens.", "Get the file again from where it was published.");
    }

    private static List<string> ReadMerges(string folder, Dictionary<string, int> table, Dictionary<string, int> plain)
    {
        var merges = new List<string>();
        var lines = Encoding.UTF8.GetString(FolderFile.Read(folder, Merges, FolderFile.MaxTableBytes)).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }

            var parts = line.Split(' ');
            if (parts.Length != 2 || !table.ContainsKey(parts[0]) || !table.ContainsKey(parts[1]) || !table.ContainsKey(parts[0] + parts[1]))
            {
                throw new OpenWeightsException(
                    $"{Path.Combine(folder, Merges)}, line {i + 1}: found {Formats.RowFault.Quote(line)}; allowed: two tokens of {Vocabulary} that make a third, with a space between.",
                    $"Put {Vocabulary} and {Merges} of one model into the folder.");
            }

            if (plain.ContainsKey(parts[0]) && plain.ContainsKey(parts[1]) && plain.ContainsKey(parts[0] + parts[1]))
            {
                merges.Add(line);
            }
        }

        return merges;
    }
}
