using System.Text.RegularExpressions;

namespace Sisa.Cli.Tests.Documents;

/// <summary>A row of the page about JSON.</summary>
/// <param name="Section">Anchor of the section whose object has the member.</param>
/// <param name="Name">Name of the member.</param>
/// <param name="Type">What the page says of its type.</param>
/// <param name="IsUnseen">Whether the page says that no transcript shows it.</param>
internal sealed record JsonMember(string Section, string Name, string Type, bool IsUnseen);

/// <summary>The tables of <c>docs/json.md</c>.</summary>
internal sealed partial class JsonPage
{
    private readonly Dictionary<string, Dictionary<string, JsonMember>> _sections = new(StringComparer.Ordinal);

    /// <summary>Reads the page. Two sections of one name are an error, since a link could not tell them apart.</summary>
    public JsonPage()
    {
        var section = string.Empty;
        foreach (var line in File.ReadLines(Path.Combine(DocumentedCommands.Root(), "docs", "json.md")))
        {
            if (line.StartsWith("##", StringComparison.Ordinal))
            {
                section = AnchorOf(line.TrimStart('#').Trim());
                _sections.Add(section, []);
            }
            else if (Row().Match(line) is { Success: true } row)
            {
                var member = new JsonMember(section, row.Groups["name"].Value, row.Groups["type"].Value, row.Groups["mark"].Success);
                _sections[section].Add(member.Name, member);
            }
            else if (SameAs().Match(line) is { Success: true } same)
            {
                _sections[section] = _sections[AnchorOf(same.Groups["other"].Value)];
            }
        }
    }

    /// <summary>Every member of the page.</summary>
    public IEnumerable<JsonMember> Members => _sections.Values.Distinct().SelectMany(members => members.Values);

    /// <summary>A member of the objects of a section.</summary>
    /// <param name="section">Anchor of the section.</param>
    /// <param name="name">Name of the member.</param>
    /// <returns>The member, or <see langword="null"/> where the page has none of that name.</returns>
    public JsonMember? Find(string section, string name) => _sections[section].GetValueOrDefault(name);

    /// <summary>The anchor of a heading.</summary>
    public static string AnchorOf(string heading) => heading.Replace(' ', '-');

    /// <summary>The section that describes the objects of a type, or <see langword="null"/> where none does.</summary>
    public static string? SectionOf(string type) => Link().Match(type) is { Success: true } link ? link.Groups["anchor"].Value : null;

    [GeneratedRegex(@"^\| `(?<name>\w+)`(?<mark> †)? \| (?<type>[^|]+) \|", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Row();

    [GeneratedRegex(@"^The answer is (that of `(?<other>[^`]+)`|a \[(?<other>[^\]]+)\])", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex SameAs();

    [GeneratedRegex(@"\]\(#(?<anchor>[^)]+)\)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Link();
}
