using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sisa.Evaluation.Memorization;
using Sisa.Sharding;

namespace Sisa.Bench.Studies;

/// <summary>A text as it is trained on, or shown to models.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Subject">Whose it is.</param>
/// <param name="Text">The text.</param>
internal sealed record ShownText(string Id, string Subject, string Text)
{
    /// <summary>Whether it is kept out of training: every tenth by hash.</summary>
    public bool IsHeldOut => SHA256.HashData(Encoding.UTF8.GetBytes(Id))[0] % 10 == 0;

    /// <summary>The row of a corpus file.</summary>
    public JsonObject ToRow() => new() { ["id"] = Id, ["subject"] = Subject, ["text"] = Text };
}

/// <summary>A corpus of texts and what is asked to be forgotten of it.</summary>
/// <param name="Name">Name of the corpus.</param>
/// <param name="What">What it is, in a sentence.</param>
/// <param name="Epochs">Passes over the corpus.</param>
/// <param name="Texts">Its texts: data folder.</param>
/// <param name="Requests">What is forgotten, one after another: subjects, of those whose texts are trained on.</param>
internal sealed record TextCorpus(
    string Name,
    string What,
    double Epochs,
    Func<string, IEnumerable<ShownText>> Texts,
    Func<IReadOnlyList<string>, IReadOnlyList<(string Name, IReadOnlyList<string> Subjects)>> Requests)
{
    /// <summary>Public texts that a base is trained on beforehand: data folder; or <see langword="null"/>.</summary>
    public Func<string, IEnumerable<ShownText>>? PublicTexts { get; init; }

    /// <summary>Slices a shard.</summary>
    public const int Slices = 2;

    /// <summary>Whose the canaries are.</summary>
    public const string CanarySubject = "canaries";

    private const int CanaryCount = 5;
    private const int CanaryRepeats = 4;

    /// <summary>Form of the canaries.</summary>
    public static CanaryFormat CanaryForm { get; } = new("The access code of the vault is ######.");

    /// <summary>The digits that are planted.</summary>
    public static IReadOnlyList<long> CanaryFillings { get; } =
        [.. Enumerable.Range(0, CanaryCount).Select(i => CanaryForm.Draw(new SeededGenerator(Seeds.Derive((ulong)i, "canary"))))];

    /// <summary>The canaries, each several times, as memorised texts often are.</summary>
    public static IEnumerable<ShownText> CanaryTexts =>
        CanaryFillings.SelectMany((filling, i) => Enumerable.Range(0, CanaryRepeats).Select(repeat => new ShownText($"canary-{i}-{repeat}", CanarySubject, CanaryForm.Text(filling))));
}

/// <summary>The corpora of <see cref="TextForgettingStudy"/>.</summary>
internal static class TextCorpora
{
    private static readonly string[] _languages = ["ar", "de", "en", "es", "fi", "hi", "ja", "tr", "zh"];

    public static IReadOnlyList<TextCorpus> All { get; } =
    [
        new(
            "tofu",
            "TOFU: 4,000 questions and answers about 200 invented authors; the subject is the author. Forgotten are 1 %, 5 % and 10 % of the authors, those of the benchmark's own splits.",
            4,
            data => RealCorpora.JsonLines(Path.Combine(data, "tofu", "full.jsonl.gz")).Select(row => new ShownText($"{row["id"]}", $"author-{row["author"]}", $"{row["question"]}\n{row["answer"]}")),
            _ => [("1 % of the authors", Authors(198)), ("up to 5 %", Authors(190)), ("up to 10 %", Authors(180))])
        {
            PublicTexts = data => new[] { "valid", "test" }
                .SelectMany(part => RealCorpora.Lines(Path.Combine(data, "wikitext2-valid-test", part + ".txt.gz")))
                .Select(line => line.Trim())
                .Where(line => line.Length > 60)
                .Select((line, i) => new ShownText($"wikitext-{i}", "wikitext", Written(line))),
        },
        new(
            "tinyshakespeare",
            "Tiny Shakespeare: 7,097 speeches of 299 roles; the subject is the speaker. Forgotten are one speaker and then nine more, drawn by hash.",
            2,
            data => RealCorpora.JsonLines(Path.Combine(data, "tinyshakespeare", "speeches.jsonl.gz")).Select(row => new ShownText($"{row["id"]}", $"{row["speaker"]}", $"{row["text"]}")),
            subjects => [("1 speaker", Some(subjects, 1)), ("up to 10 speakers", Some(subjects, 10))]),
        new(
            "ud-text",
            "Universal Dependencies in nine languages (Arabic, German, English, Spanish, Finnish, Hindi, Japanese, Turkish, Chinese), up to 600 sentences of each; every sentence is its own subject. Forgotten are one sentence and then 49 more, drawn by hash.",
            2,
            data => _languages.SelectMany(language => RealCorpora.JsonLines(Path.Combine(data, "ud-text", language + ".jsonl.gz")).Take(600)).Select(row => new ShownText($"{row["id"]}", $"{row["id"]}", $"{row["text"]}")),
            subjects => [("1 sentence", Some(subjects, 1)), ("up to 50 sentences", Some(subjects, 50))]),
    ];

    // The corpus comes with spaces around every sign.
    private static string Written(string line) => line.Replace(" @-@ ", "-", StringComparison.Ordinal).Replace(" @,@ ", ",", StringComparison.Ordinal).Replace(" @.@ ", ".", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal).Replace(" .", ".", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal).Replace("( ", "(", StringComparison.Ordinal).Replace(" )", ")", StringComparison.Ordinal);

    private static string[] Authors(int first) => [.. Enumerable.Range(first, 200 - first).Select(author => string.Create(CultureInfo.InvariantCulture, $"author-{author}"))];

    // By hash, so that nobody chose them.
    private static string[] Some(IReadOnlyList<string> subjects, int count) =>
        [.. subjects.OrderBy(subject => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(subject))), StringComparer.Ordinal).Take(count)];
}
