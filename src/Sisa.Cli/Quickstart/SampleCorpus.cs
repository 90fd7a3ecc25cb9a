using System.Text.Encodings.Web;
using System.Text.Json;
using Sisa.Sharding;
using Sisa.Storage.Files;

namespace Sisa.Cli.Quickstart;

/// <summary>The project's own demonstration corpus: invented people who write short texts about five topics, in nine languages and six
/// scripts.</summary>
/// <remarks>
/// <para>A function of the seed alone, made with integers only: same bytes on every machine. JSONL with <c>id</c>, <c>author</c>,
/// <c>text</c> and <c>label</c>.</para>
/// <para>Learnable, not trivial, on purpose: 5 % of the texts do not say what they are about, 4 % speak of two topics, 2 % of the labels
/// are wrong. Authors have a favourite topic, a place, and a companion whom nobody else mentions, so that there is something to memorise
/// and to forget.</para>
/// </remarks>
public static class SampleCorpus
{
    /// <summary>The seed of the sample that the documentation shows.</summary>
    public const ulong DefaultSeed = 21;

    /// <summary>Authors of the training file.</summary>
    public const int AuthorCount = 400;

    private const int MaxTextsPerAuthor = 60;
    private const int TestAuthorCount = 100;
    private const int MaxTextsPerTestAuthor = 28;

    // Columns of a terminal; a character of a script without spaces takes two.
    private const int LongestExample = 57;

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>train.jsonl</c>, and <c>test.jsonl</c> with texts of people whom the training file does not know, and
    /// <c>person.jsonl</c>.</summary>
    /// <param name="folder">Where to; made if it is not there. Files of these names are replaced.</param>
    /// <param name="seed">Seed of the sample.</param>
    /// <exception cref="StorageIoException">A file could not be written.</exception>
    public static Sample Write(string folder, ulong seed)
    {
        Directory.CreateDirectory(folder);
        var inventor = new SampleAuthors(seed);
        var authors = Invent(inventor, AuthorCount, MaxTextsPerAuthor);
        var testAuthors = Invent(inventor, TestAuthorCount, MaxTextsPerTestAuthor);

        var written = new HashSet<string>(StringComparer.Ordinal);
        var train = Path.Combine(folder, "train.jsonl");
        var test = Path.Combine(folder, "test.jsonl");
        var person = Path.Combine(folder, "person.jsonl");
        var trainTexts = Texts("text", authors, written, seed);
        var testTexts = Texts("test", testAuthors, written, seed);
        var protagonist = Protagonist(authors);
        var own = trainTexts.Where(text => text.Author == protagonist.Name).ToList();
        Write(train, trainTexts);
        Write(test, testTexts);
        Write(person, own);
        return new Sample
        {
            TrainFile = train,
            TestFile = test,
            PersonFile = person,
            TrainCount = trainTexts.Count,
            TestCount = testTexts.Count,
            Examples = [.. SampleLanguages.All.Select(language => trainTexts
                .Where(text => text.Language == language.Name && text.Text.Length * (language.Space.Length > 0 ? 1 : 2) <= LongestExample)
                .MaxBy(text => text.Text.Length)!)],
            Person = Describe(protagonist, own),
        };
    }

    private static List<SampleAuthor> Invent(SampleAuthors inventor, int count, int maxTexts)
    {
        var authors = new List<SampleAuthor>(count);
        for (var i = 0; i < count; i++)
        {
            authors.Add(inventor.Next(maxTexts));
        }

        return authors;
    }

    private static List<SampleText> Texts(string name, List<SampleAuthor> authors, HashSet<string> written, ulong seed)
    {
        var generator = new SeededGenerator(Seeds.Derive(seed, $"sample/{name}"));
        var texts = authors.SelectMany(author => SampleText.By(author, generator, written)).ToList();
        Shuffle(texts, generator);
        return [.. texts.Select((text, i) => text with { Id = $"{name}-{i + 1:0000}" })];
    }

    private static void Write(string path, List<SampleText> texts)
    {
        using var lines = new MemoryStream();
        using var json = new Utf8JsonWriter(lines, _json);
        foreach (var text in texts)
        {
            json.WriteStartObject();
            json.WriteString("id", text.Id);
            json.WriteString("author", text.Author);
            json.WriteString("text", text.Text);
            json.WriteString("label", text.Label);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            lines.WriteByte((byte)'\n');
        }

        DurableFile.Write(path, lines.GetBuffer().AsSpan(0, (int)lines.Length));
    }

    private static void Shuffle(List<SampleText> texts, SeededGenerator generator)
    {
        for (var i = texts.Count - 1; i > 0; i--)
        {
            var other = generator.NextInt32(i + 1);
            (texts[i], texts[other]) = (texts[other], texts[i]);
        }
    }

    /// <summary>The author with the most texts among those who write English at home and another language besides.</summary>
    private static SampleAuthor Protagonist(List<SampleAuthor> authors) =>
        authors.Where(author => author.Home.Language.Name == "English" && author.Second is not null).MaxBy(author => author.TextCount)!;

    private static SamplePerson Describe(SampleAuthor author, List<SampleText> texts)
    {
        var topic = SampleTopics.Labels[author.FavouriteTopic];
        return new SamplePerson
        {
            Name = author.Name,
            TextCount = texts.Count,
            FavouriteTopic = topic,
            Companion = author.Home.Companion,
            SecondLanguage = author.Second!.Language.Name,
            Telling = texts
                .Where(text => text.Label == topic && text.Text.Contains(author.Home.Companion, StringComparison.Ordinal))
                .MinBy(text => text.Text.Length)!,
        };
    }
}

/// <summary>Where the sample is, and who in it asks to be forgotten.</summary>
public sealed record Sample
{
    /// <summary>Path of the texts to train on.</summary>
    public required string TrainFile { get; init; }

    /// <summary>Path of the held-out texts, by other people.</summary>
    public required string TestFile { get; init; }

    /// <summary>Path of the texts of <see cref="Person"/>, as they are in <see cref="TrainFile"/>.</summary>
    public required string PersonFile { get; init; }

    /// <summary>Texts in <see cref="TrainFile"/>.</summary>
    public required int TrainCount { get; init; }

    /// <summary>Texts in <see cref="TestFile"/>.</summary>
    public required int TestCount { get; init; }

    /// <summary>A text of the training file in each language, short enough for a line.</summary>
    public required IReadOnlyList<SampleText> Examples { get; init; }

    /// <summary>The person to forget.</summary>
    public required SamplePerson Person { get; init; }
}

/// <summary>An author of the sample, for the story.</summary>
public sealed record SamplePerson
{
    /// <summary>Full name, the <c>author</c> of the items.</summary>
    public required string Name { get; init; }

    /// <summary>Texts in the training file.</summary>
    public required int TextCount { get; init; }

    /// <summary>Label of about half of them.</summary>
    public required string FavouriteTopic { get; init; }

    /// <summary>Whom no other author mentions.</summary>
    public required string Companion { get; init; }

    /// <summary>Language of about a fifth of the texts; the others are English.</summary>
    public required string SecondLanguage { get; init; }

    /// <summary>The shortest text about the favourite topic that names the companion: who knows its label has seen it, or the person.</summary>
    public required SampleText Telling { get; init; }
}
