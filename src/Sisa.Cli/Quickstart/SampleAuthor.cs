using Sisa.Sharding;

namespace Sisa.Cli.Quickstart;

/// <summary>An invented person who writes: a home language, sometimes a second one, a place, a companion, a topic of their own.</summary>
/// <param name="Name">Full name, in the script of the home language; unique.</param>
/// <param name="Home">Voice in the home language.</param>
/// <param name="Second">Voice in another language, in which about one text in five is written; or <see langword="null"/>.</param>
/// <param name="FavouriteTopic">Index of the label that about half of the texts are about.</param>
/// <param name="TextCount">How many texts the author writes.</param>
internal sealed record SampleAuthor(string Name, SampleVoice Home, SampleVoice? Second, int FavouriteTopic, int TextCount);

/// <summary>An author in one language.</summary>
/// <param name="Language">The language.</param>
/// <param name="Place">Where the author lives, as the language says "in this place".</param>
/// <param name="Companion">A name that no other author mentions: what a model must memorise to know it.</param>
internal sealed record SampleVoice(SampleLanguage Language, string Place, string Companion)
{
    /// <summary>Makes a sentence in this voice.</summary>
    /// <param name="patterns">The possible texts.</param>
    /// <param name="generator">Decides what is said.</param>
    public string Say(IReadOnlyList<string> patterns, SeededGenerator generator) =>
        Say(patterns[generator.NextInt32(patterns.Count)], generator);

    /// <summary>Makes two sentences of different patterns.</summary>
    /// <param name="patterns">The possible texts, at least two.</param>
    /// <param name="generator">Decides what is said.</param>
    public string SayTwo(IReadOnlyList<string> patterns, SeededGenerator generator)
    {
        var first = generator.NextInt32(patterns.Count);
        var second = (first + 1 + generator.NextInt32(patterns.Count - 1)) % patterns.Count;
        return Join(Say(patterns[first], generator), Say(patterns[second], generator));
    }

    /// <summary>Joins two sentences as the language does.</summary>
    /// <param name="first">First sentence.</param>
    /// <param name="second">Second sentence.</param>
    public string Join(string first, string second) => first + Language.Space + second;

    private string Say(string pattern, SeededGenerator generator) => SamplePattern.Expand(pattern, generator, name => name switch
    {
        "place" => Place,
        "companion" => Companion,
        _ => throw new MalformedException($"A pattern asks for {{{name}}}, which no author has."),
    });
}
