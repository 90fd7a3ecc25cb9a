using System.Reflection;
using System.Text;
using System.Text.Json;
using Sisa.Cli.Tests.Surface;

namespace Sisa.Cli.Tests.Documents;

/// <summary>The page about JSON has every member of every transcript, with its type, and no other.</summary>
public sealed class JsonPageTests
{
    private static readonly JsonPage Page = new();

    public static TheoryData<string> Verbs() => [.. Transcript.Verbs];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_member_of_a_verbs_transcripts_is_on_the_page_with_its_type(string verb)
    {
        if (verb == "certificate show")
        {
            var format = File.ReadAllText(Path.Combine(DocumentedCommands.Root(), "docs", "certificate-format.md"));
            Assert.All(Documents(verb).SelectMany(NamesIn), name => Assert.True(format.Contains($"`{name}`", StringComparison.Ordinal) || format.Contains($"\"{name}\"", StringComparison.Ordinal), $"certificate-format.md lacks '{name}'."));
            return;
        }

        Assert.Empty(Documents(verb).SelectMany(document => Check(JsonPage.AnchorOf(verb), document, [])).Distinct());
    }

    [Fact]
    public void Every_member_of_the_page_is_in_a_transcript_or_marked_as_rare()
    {
        var seen = new HashSet<JsonMember>();
        foreach (var verb in Transcript.Verbs.Where(verb => verb != "certificate show"))
        {
            foreach (var document in Documents(verb))
            {
                _ = Check(JsonPage.AnchorOf(verb), document, seen);
            }
        }

        var faults = Page.Members.Where(member => member.IsUnseen == seen.Contains(member)).Select(member => $"{member.Section}.{member.Name}: {(member.IsUnseen ? "a transcript shows it, so drop the mark" : "no transcript shows it")}").ToArray();
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    [Fact]
    public void A_member_that_no_transcript_shows_is_a_property_in_the_code()
    {
        var properties = ShellWordsTests.Product().Append("sisa").Select(Assembly.Load).SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).ToHashSet();

        Assert.All(Page.Members.Where(member => member.IsUnseen), member => Assert.Contains(member.Name, properties));
    }

    // Members that the page lacks or has of another type. Adds those that it has to the seen ones.
    private static List<string> Check(string section, JsonElement value, HashSet<JsonMember> seen)
    {
        var faults = new List<string>();
        if (value.ValueKind == JsonValueKind.Array)
        {
            faults.AddRange(value.EnumerateArray().SelectMany(item => Check(section, item, seen)));
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                if (Page.Find(section, property.Name) is not { } member)
                {
                    faults.Add($"{section} lacks '{property.Name}'.");
                    continue;
                }

                seen.Add(member);
                if (!Fits(member.Type, property.Value))
                {
                    faults.Add($"{section} says '{member.Type}' of '{property.Name}', which is {property.Value.ValueKind}.");
                }
                else if (JsonPage.SectionOf(member.Type) is { } inner)
                {
                    faults.AddRange(Check(inner, property.Value, seen));
                }
            }
        }

        return faults;
    }

    // Transcripts mask values by words, and say how many items of a list are alike.
    private static bool Fits(string type, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => value.GetString() is "NUMBER" or "MACHINE" or "DRAWN" or "TIME" or "DIGEST" or "KEY" || type is "text" or "time" or "digest",
        JsonValueKind.Number => type == "number",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Array => type.StartsWith("list of ", StringComparison.Ordinal) && value.EnumerateArray().Where(item => item.ValueKind != JsonValueKind.String || !item.GetString()!.EndsWith(" alike", StringComparison.Ordinal)).All(item => FitsItem(type["list of ".Length..], item)),
        _ => type == "object" || type.StartsWith("map of ", StringComparison.Ordinal) || type.StartsWith('['),
    };

    private static bool FitsItem(string type, JsonElement value) => type == "list" ? value.ValueKind == JsonValueKind.Array || value.ValueKind == JsonValueKind.String : Fits(type, value);

    private static IEnumerable<string> NamesIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => NamesIn(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(NamesIn),
        _ => [],
    };

    private static IEnumerable<JsonElement> Documents(string verb)
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Snapshot.Folder, Transcript.Folder), Transcript.FileOf(verb), SearchOption.AllDirectories))
        {
            var lines = File.ReadLines(path).Where(line => !line.StartsWith("$ sisa ", StringComparison.Ordinal) && !line.StartsWith("exit code ", StringComparison.Ordinal));
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(string.Join('\n', lines)), new JsonReaderOptions { AllowMultipleValues = true });
            var documents = new List<JsonElement>();
            while (reader.Read())
            {
                documents.Add(JsonElement.ParseValue(ref reader));
            }

            foreach (var document in documents)
            {
                yield return document;
            }
        }
    }
}
