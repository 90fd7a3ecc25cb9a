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
    public const ulong DefaultSeed = 17;

    /// <summary>Authors of the training file.</summary>
    public const int AuthorCount = 400;

    private const int MaxTextsPerAuthor = 60;
    private const int TestAuthorCount = 100;
    private const int MaxTextsPerTestAuthor = 28;
    private const int LongestExample = 60;

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>train.jsonl</c>, and <c>test.jsonl</c> with texts of people whom the training file does not know.</summary>
    /// <param name="folder">Where to; made if it is not there. Files of these names are replaced.</param>
    /// <param name="seed">What the sample is made from.</param>
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
        var trainTexts = Write(train, "text", authors, written, seed);
        var testTexts = Write(test, "test", testAuthors, written, seed);
        return new Sample
        {
            TrainFile = train,
            TestFile = test,
            TrainCount = trainTexts.Count,
            TestCount = testTexts.Count,
            Examples = [.. trainTexts.Where(text => text.Text.Length <= LongestExample).DistinctBy(text => text.Language)],
            Person = Protagonist(authors),
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

    private static List<SampleText> Write(string path, string name, List<SampleAuthor> authors, HashSet<string> written, ulong seed)
    {
        var generator = new SeededGenerator(Seeds.Derive(seed, $"sample/{name}"));
        var texts = authors.SelectMany(author => SampleText.By(author, generator, written)).ToList();
        Shuffle(texts, generator);

        using var lines = new MemoryStream();
        using var json = new Utf8JsonWriter(lines, _json);
        for (var i = 0; i < texts.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("id", $"{name}-{i + 1:0000}");
            json.WriteString("author", texts[i].Author);
            json.WriteString("text", texts[i].Text);
            json.WriteString("label", texts[i].Label);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            lines.WriteByte((byte)'\n');
        }

        DurableFile.Write(path, lines.GetBuffer().AsSpan(0, (int)lines.Length));
        return texts;
    }

    private static void Shuffle(List<SampleText> texts, SeededGenerator generator)
    {
        for (var i = texts.Count - 1; i > 0; i--)
        {
            var other = generator.NextInt32(i + 1);
            (texts[i], texts[other]) = (texts[other], texts[i]);
        }
    }

    /// <summary>Of the people who write English at home and another language besides, the one with the most texts.</summary>
    private static SamplePerson Protagonist(List<SampleAuthor> authors)
    {
        var author = authors.Where(author => author.Home.Language.Name == "English" && author.Second is not null).MaxBy(author => author.TextCount)!;
        return new SamplePerson(
            author.Name,
            author.TextCount,
            SampleTopics.Labels[author.FavouriteTopic],
            author.Home.Companion,
            author.Second!.Language.Name);
    }
}

/// <summary>Where the sample is, and who in it asks to be forgotten.</summary>
public sealed record Sample
{
    /// <summary>Path of the texts to train on.</summary>
    public required string TrainFile { get; init; }

    /// <summary>Path of the held-out texts, by other people.</summary>
    public required string TestFile { get; init; }

    /// <summary>Texts in <see cref="TrainFile"/>.</summary>
    public required int TrainCount { get; init; }

    /// <summary>Texts in <see cref="TestFile"/>.</summary>
    public required int TestCount { get; init; }

    /// <summary>A short text of the training file in each language.</summary>
    public required IReadOnlyList<SampleText> Examples { get; init; }

    /// <summary>The person to forget.</summary>
    public required SamplePerson Person { get; init; }
}

/// <summary>An author of the sample, for the story.</summary>
/// <param name="Name">Full name, the <c>author</c> of the items.</param>
/// <param name="TextCount">Texts in the training file.</param>
/// <param name="FavouriteTopic">Label of about half of them.</param>
/// <param name="Companion">Whom no other author mentions.</param>
/// <param name="SecondLanguage">Language of about a fifth of the texts.</param>
public sealed record SamplePerson(string Name, int TextCount, string FavouriteTopic, string Companion, string SecondLanguage);
