using System.Reflection;

namespace Sisa.Cli.Quickstart;

/// <summary>The languages of the sample: nine, in six scripts. Their texts are in the folder <c>Languages</c> and are embedded in the program.</summary>
/// <remarks>A file has sections: a line <c># weather</c>, and below it a pattern a line (<see cref="SamplePattern"/>). A section <c># joined</c> says that nothing stands between two sentences.</remarks>
internal static class SampleLanguages
{
    // A fixed order: the bytes of the sample depend on it.
    private static readonly string[] Names = ["english", "german", "spanish", "turkish", "greek", "russian", "arabic", "hindi", "chinese"];

    /// <summary>All of them, in a fixed order.</summary>
    public static IReadOnlyList<SampleLanguage> All { get; } = [.. Names.Select(Read)];

    private static SampleLanguage Read(string name)
    {
        var sections = Sections(name);
        return new SampleLanguage
        {
            Name = sections["name"][0],
            Space = sections.ContainsKey("joined") ? string.Empty : " ",
            People = sections["people"],
            Places = sections["places"],
            Companions = sections["companions"],
            Topics = new SampleTopics(sections["weather"], sections["food"], sections["travel"], sections["music"], sections["work"]),
            Remarks = sections["remarks"],
            CompanionRemarks = sections["companion remarks"],
        };
    }

    private static Dictionary<string, List<string>> Sections(string name)
    {
        var sections = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"languages/{name}.txt")!);
        List<string> section = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                sections.Add(line[2..], section = []);
            }
            else if (line.Length > 0)
            {
                section.Add(line);
            }
        }

        return sections;
    }
}
