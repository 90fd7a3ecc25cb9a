using Sisa.Sharding;

namespace Sisa.Cli.Quickstart;

/// <summary>Invents the sample's authors one after another, no name and no companion twice.</summary>
/// <remarks>Not thread-safe. An author depends on the seed and on those invented before.</remarks>
internal sealed class SampleAuthors
{
    private const int MaxDraws = 10_000;

    private readonly SeededGenerator _generator;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _companions = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Starts without authors.</summary>
    /// <param name="seed">Seed of the sample.</param>
    public SampleAuthors(ulong seed)
    {
        _generator = new SeededGenerator(Seeds.Derive(seed, "sample/authors"));
    }

    /// <summary>Invents an author.</summary>
    /// <param name="maxTexts">The most texts that the author may write; the fewest are 2, and few is far more common than many.</param>
    public SampleAuthor Next(int maxTexts)
    {
        // Languages take turns, so that each has a ninth of the authors whatever the seed.
        var languages = SampleLanguages.All;
        var home = _count++ % languages.Count;
        var second = _generator.NextInt32(10) < 4 ? (home + 1 + _generator.NextInt32(languages.Count - 1)) % languages.Count : home;
        var draw = _generator.NextInt32(1000);
        return new SampleAuthor(
            Unused(languages[home].People, _names),
            Voice(languages[home]),
            second == home ? null : Voice(languages[second]),
            _generator.NextInt32(SampleTopics.Labels.Count),
            2 + (int)((maxTexts - 1) * (long)draw * draw * draw / 1_000_000_000));
    }

    private SampleVoice Voice(SampleLanguage language) =>
        new(language, Draw(language.Places), Unused(language.Companions, _companions));

    private string Draw(IReadOnlyList<string> patterns) =>
        SamplePattern.Expand(
            patterns[_generator.NextInt32(patterns.Count)],
            _generator,
            name => throw new MalformedException($"The pattern of a name asks for {{{name}}}; a name has only choices."));

    private string Unused(IReadOnlyList<string> patterns, HashSet<string> used)
    {
        for (var i = 0; i < MaxDraws; i++)
        {
            var name = Draw(patterns);
            if (used.Add(name))
            {
                return name;
            }
        }

        throw new InvalidOperationException($"The patterns allow too few names: {string.Join(" ", patterns)}");
    }
}
