using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Sisa.Packages.Tests;

/// <summary>What lies in each package.</summary>
public sealed class PackageContentTests(Packed packed)
{
    public static TheoryData<string> Packages() => [.. Repository.Packages];

    public static TheoryData<string> Libraries() => [.. Repository.Packages.Where(name => name != "Sisa.Cli")];

    [Fact]
    public void Every_packed_project_gives_one_package() =>
        Assert.Equal(Repository.Packages.Select(packed.Package), Directory.EnumerateFiles(packed.Folder, "*.nupkg").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_holds_its_own_page_licence_notices_and_bill_of_materials(string name)
    {
        using var package = ZipFile.OpenRead(packed.Package(name));
        var metadata = Metadata(package, name);

        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "src", name, "README.md")), Text(package, Value(metadata, "readme")));
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "LICENSE")), Text(package, "LICENSE"));
        Assert.Equal("Apache-2.0", Value(metadata, "license"));
        Assert.Equal(File.ReadAllText(Path.Combine(packed.Folder, $"{name}.{Repository.Version}.cdx.json")), Text(package, "sbom.cdx.json"));
        Assert.Equal(File.ReadAllText(Path.Combine(packed.Folder, $"{name}.{Repository.Version}.THIRD-PARTY-NOTICES.txt")), Text(package, "THIRD-PARTY-NOTICES.txt"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_names_no_repository_and_no_commit(string name)
    {
        using var package = ZipFile.OpenRead(packed.Package(name));

        Assert.DoesNotContain(Metadata(package, name).Elements(), element => element.Name.LocalName is "repository" or "projectUrl");
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_comes_with_documentation_and_with_symbols_that_name_no_folder_of_the_machine(string name)
    {
        using var package = ZipFile.OpenRead(packed.Package(name));
        Assert.Contains($"<name>{name}</name>", Text(package, $"lib/net10.0/{name}.xml"), StringComparison.Ordinal);
        using var assembly = new PEReader(new MemoryStream(Bytes(package, $"lib/net10.0/{name}.dll")));
        var symbols = assembly.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var provider = assembly.ReadEmbeddedPortablePdbDebugDirectoryData(symbols);
        var reader = provider.GetMetadataReader();

        Assert.NotEmpty(reader.Documents);
        Assert.All(reader.Documents, document => Assert.StartsWith("/_/", reader.GetString(reader.GetDocument(document).Name), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_asks_for_pinned_versions_and_for_its_own_kind(string name)
    {
        using var package = ZipFile.OpenRead(packed.Package(name));
        var pinned = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(e => e.Attribute("Include")!.Value, e => e.Attribute("Version")!.Value, StringComparer.Ordinal);

        foreach (var dependency in Metadata(package, name).Descendants().Where(e => e.Name.LocalName == "dependency"))
        {
            var id = dependency.Attribute("id")!.Value;
            Assert.Equal(id.StartsWith("Sisa.", StringComparison.Ordinal) ? Repository.Version : pinned[id], dependency.Attribute("version")!.Value);
        }
    }

    [Fact]
    public void Sisa_Core_depends_on_no_package()
    {
        using var package = ZipFile.OpenRead(packed.Package("Sisa.Core"));

        Assert.DoesNotContain(Metadata(package, "Sisa.Core").Descendants(), element => element.Name.LocalName == "dependency");
    }

    private static XElement Metadata(ZipArchive package, string name) => XDocument.Parse(Text(package, $"{name}.nuspec")).Root!.Elements().Single();

    private static string Value(XElement metadata, string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;

    private static string Text(ZipArchive package, string name)
    {
        using var reader = new StreamReader(new MemoryStream(Bytes(package, name)));
        return reader.ReadToEnd();
    }

    private static byte[] Bytes(ZipArchive package, string name)
    {
        using var content = (package.GetEntry(name) ?? throw new InvalidOperationException($"The package has no {name}.")).Open();
        using var memory = new MemoryStream();
        content.CopyTo(memory);
        return memory.ToArray();
    }
}
