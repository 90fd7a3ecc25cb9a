using System.Text.Json.Nodes;

namespace Sisa.Packages.Tests;

/// <summary>Bills of materials and third-party notices against the lock files.</summary>
public sealed class BillOfMaterialsTests(Packed packed)
{
    // They check code while it is built, and nothing refers to them afterwards.
    private static readonly string[] Analyzers = ["Meziantou.Analyzer", "Microsoft.CodeAnalysis.BannedApiAnalyzers"];

    public static TheoryData<string> Packages() => [.. Repository.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Every_locked_dependency_is_in_the_bill_and_foreign_ones_in_the_notices(string name)
    {
        var locked = Locked(name);
        var components = Bill(name)["components"]!.AsArray().ToDictionary(component => (string)component!["name"]!, component => component!, StringComparer.OrdinalIgnoreCase);

        Assert.Equal(locked.Select(package => package.Id.ToUpperInvariant()).Order(StringComparer.Ordinal), components.Keys.Select(id => id.ToUpperInvariant()).Order(StringComparer.Ordinal));
        foreach (var (id, version, hash) in locked)
        {
            Assert.Equal((version ?? Repository.Version, hash), ((string)components[id]["version"]!, (string?)components[id]["properties"]?[0]!["value"]));
            Assert.NotNull(components[id]["licenses"]);
            Assert.Equal($"pkg:nuget/{(string)components[id]["name"]!}@{version ?? Repository.Version}", (string?)components[id]["purl"]);
        }

        var notices = Notices(name);
        Assert.All(locked.Where(package => package.Version is not null), package => Assert.Contains($"\n{package.Id} {package.Version} | ", notices, StringComparison.Ordinal));
        Assert.All(locked.Where(package => package.Version is not null), package => Assert.Matches($@"\n-{{80}}\n(?:.+\n)*?{System.Text.RegularExpressions.Regex.Escape($"{package.Id} {package.Version}")}[,\n]", notices));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void What_a_component_depends_on_is_in_the_bill_too(string name)
    {
        var bill = Bill(name);
        var known = bill["components"]!.AsArray().Select(component => (string)component!["bom-ref"]!).Append((string)bill["metadata"]!["component"]!["bom-ref"]!).ToHashSet(StringComparer.Ordinal);

        Assert.All(bill["dependencies"]!.AsArray(), edges => Assert.Subset(known, edges!["dependsOn"]!.AsArray().Select(to => (string)to!).Append((string)edges["ref"]!).ToHashSet(StringComparer.Ordinal)));
    }

    [Fact]
    public void What_lies_among_our_own_files_has_its_licence_in_the_notices()
    {
        Assert.Contains("UNICODE LICENSE V3", Notices("Sisa.Core"), StringComparison.Ordinal);
        Assert.Contains("UNICODE LICENSE V3", Notices("Sisa.Cli"), StringComparison.Ordinal);
        Assert.Contains("Bitstream Vera Fonts Copyright", Notices("Sisa.Cli"), StringComparison.Ordinal);
    }

    private JsonNode Bill(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(packed.Folder, $"{name}.{Repository.Version}.cdx.json")))!;

    private string Notices(string name) => File.ReadAllText(Path.Combine(packed.Folder, $"{name}.{Repository.Version}.THIRD-PARTY-NOTICES.txt"));

    private static List<(string Id, string? Version, string? Hash)> Locked(string name) =>
    [
        .. JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "src", name, "packages.lock.json")))!["dependencies"]!["net10.0"]!.AsObject()
            .Where(entry => !Analyzers.Contains(entry.Key))
            .Select(entry => (entry.Key, (string?)entry.Value!["resolved"], (string?)entry.Value["contentHash"])),
    ];
}
