using Sisa.Sharding;

namespace Sisa.Cli.Quickstart;

/// <summary>One text of the sample.</summary>
/// <param name="Author">Full name of the author.</param>
/// <param name="Text">The text.</param>
/// <param name="Label">One of <see cref="SampleTopics.Labels"/>.</param>
/// <param name="Language">English name of the language.</param>
public sealed record SampleText(string Author, string Text, string Label, string Language)
{
    /// <summary>Id of the item; empty until the texts are put in order.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>Writes all texts of one author.</summary>
    /// <param name="author">The author.</param>
    /// <param name="generator">Decides what the author writes.</param>
    /// <param name="written">What was written so far, by anybody. Nobody writes the same again: two items of equal content would mean that
    /// to forget one leaves the other.</param>
    internal static IEnumerable<SampleText> By(SampleAuthor author, SeededGenerator generator, HashSet<string> written)
    {
        for (var i = 0; i < author.TextCount; i++)
        {
            var voice = author.Second is { } second && generator.NextInt32(5) == 0 ? second : author.Home;
            var topic = generator.NextInt32(2) == 0 ? author.FavouriteTopic : generator.NextInt32(SampleTopics.Labels.Count);
            string text;
            do
            {
                text = Write(voice, topic, generator);
            }
            while (!written.Add(text));

            // Two labels in a hundred are wrong, as people's labels are.
            var label = generator.NextInt32(100) < 2 ? AnotherThan(topic, generator) : topic;
            yield return new SampleText(author.Name, text, SampleTopics.Labels[label], voice.Language.Name);
        }
    }

    private static string Write(SampleVoice voice, int topic, SeededGenerator generator)
    {
        var sentences = voice.Language.Topics;
        return generator.NextInt32(100) switch
        {
            // Only a reader who knows the author can tell the topic.
            < 5 => Remark(voice, generator),

            // What comes first decides; a model that only counts words cannot know.
            < 9 => voice.Join(voice.Say(sentences[topic], generator), voice.Say(sentences[AnotherThan(topic, generator)], generator)),
            < 39 => voice.Join(voice.Say(sentences[topic], generator), Remark(voice, generator)),
            < 49 => voice.SayTwo(sentences[topic], generator),
            _ => voice.Say(sentences[topic], generator),
        };
    }

    private static string Remark(SampleVoice voice, SeededGenerator generator) =>
        voice.Say(generator.NextInt32(3) == 0 ? voice.Language.Remarks : voice.Language.CompanionRemarks, generator);

    private static int AnotherThan(int topic, SeededGenerator generator) =>
        (topic + 1 + generator.NextInt32(SampleTopics.Labels.Count - 1)) % SampleTopics.Labels.Count;
}
