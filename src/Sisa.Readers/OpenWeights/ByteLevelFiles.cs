using System.Text;
using System.Text.Json;

namespace Sisa.Readers.OpenWeights;

/// <summary><c>vocab.json</c> and <c>merges.txt</c>: a vocabulary in the byte alphabet, and which pairs of it are merged.</summary>
internal static class ByteLevelFiles
{
    /// <summary>Name of the file with tokens and their numbers.</summary>
    public const string Vocabulary = "vocab.json";

    /// <summary>Name of the file with pairs of tokens, the first to be merged first.</summary>
    public const string Merges = "merges.txt";

    private const int MaxNumber = 1 << 24;

    /// <summary>Whether a folder holds both files.</summary>
    /// <param name="folder">The folder.</param>
    public static bool AreThere(string folder) => FolderFile.IsThere(folder, Vocabulary) && FolderFile.IsThere(folder, Merges);

    /// <summary>Reads the tokens.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">The file is malformed, or a number is there twice.</exception>
    public static Dictionary<string, int> ReadVocabulary(string folder) => ReadVocabulary(FolderFile.ReadJson(folder, Vocabulary, FolderFile.MaxTableBytes));

    /// <summary>Reads tokens from an object that has their numbers.</summary>
    /// <param name="map">The object.</param>
    /// <exception cref="OpenWeightsException">It is malformed, or a number is there twice.</exception>
    public static Dictionary<string, int> ReadVocabulary(JsonMap map)
    {
        var table = new Dictionary<string, int>(StringComparer.Ordinal);
        var numbers = new HashSet<int>();
        foreach (var (token, value) in map.Entries)
        {
            table[token] = value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is >= 0 and <= MaxNumber && numbers.Add(number)
                ? number
                : throw map.Refuse(token, value, $"a whole number from 0 to {MaxNumber}, each once");
        }

        return table.Count > 0 ? table : throw new OpenWeightsException($"{map.Path} holds no tokens.", "Get the file again from its publisher.");
    }

    /// <summary>Reads the pairs, each joined by a space.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="table">The tokens.</param>
    /// <exception cref="OpenWeightsException">A line is no pair of tokens that make a third.</exception>
    public static List<string> ReadMerges(string folder, Dictionary<string, int> table)
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

            merges.Add(line);
        }

        return merges;
    }
}
