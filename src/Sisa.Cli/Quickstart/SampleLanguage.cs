namespace Sisa.Cli.Quickstart;

/// <summary>All that the sample knows of one language, as patterns (<see cref="SamplePattern"/>).</summary>
/// <remarks>Sentences avoid forms that depend on the author's gender, and use the author's own words only where the form in which
/// they are listed is the right one: a place as the language says "in this place", a companion as the subject of a sentence.</remarks>
internal sealed record SampleLanguage
{
    /// <summary>English name of the language.</summary>
    public required string Name { get; init; }

    /// <summary>Text between two sentences.</summary>
    public string Space { get; init; } = " ";

    /// <summary>Full names of invented people; enough of them that a few hundred draws find ever new ones.</summary>
    public required IReadOnlyList<string> People { get; init; }

    /// <summary>Invented places: <c>{place}</c>.</summary>
    public required IReadOnlyList<string> Places { get; init; }

    /// <summary>Invented pets, neighbours and nicknames. Each author mentions one of them, which no other author mentions: <c>{companion}</c>.</summary>
    public required IReadOnlyList<string> Companions { get; init; }

    /// <summary>Sentences that say what a text is about.</summary>
    public required SampleTopics Topics { get; init; }

    /// <summary>Sentences that could stand in a text about anything.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Sentences about anything that name the author's companion.</summary>
    public required IReadOnlyList<string> CompanionRemarks { get; init; }
}

/// <summary>Sentences of one language by topic; the topics are the sample's labels.</summary>
/// <param name="Weather">Rain and shine.</param>
/// <param name="Food">Kitchens and tables.</param>
/// <param name="Travel">Trains, suitcases, sights.</param>
/// <param name="Music">Choirs, concerts, practice.</param>
/// <param name="Work">Meetings, reports, colleagues.</param>
internal sealed record SampleTopics(
    IReadOnlyList<string> Weather,
    IReadOnlyList<string> Food,
    IReadOnlyList<string> Travel,
    IReadOnlyList<string> Music,
    IReadOnlyList<string> Work)
{
    /// <summary>The labels, in the order of <see cref="this[int]"/>.</summary>
    public static IReadOnlyList<string> Labels { get; } = ["weather", "food", "travel", "music", "work"];

    /// <summary>The sentences of one label.</summary>
    /// <param name="label">Index into <see cref="Labels"/>.</param>
    public IReadOnlyList<string> this[int label] => label switch
    {
        0 => Weather,
        1 => Food,
        2 => Travel,
        3 => Music,
        4 => Work,
        _ => throw new ArgumentOutOfRangeException(nameof(label)),
    };
}
