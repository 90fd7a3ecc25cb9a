using System.Text.Json;
using System.Xml.Linq;

namespace Sisa.Packaging;

/// <summary>Reads which packages a project needs when it runs.</summary>
/// <param name="root">Root of the repository; its packages are restored.</param>
internal sealed class LockFile(string root)
{
    /// <summary>Version of this repository's own packages.</summary>
    public string Version { get; } = XDocument.Load(Path.Combine(root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>Names of the projects that are packed.</summary>
    public IReadOnlyList<string> Packed() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(path => XDocument.Load(path).Descendants("IsPackable").Any(element => element.Value == "true"))
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal),
    ];

    /// <summary>Every package that a project needs when it runs, directly or not, by id.</summary>
    /// <param name="project">Name of the project.</param>
    public IReadOnlyList<LockedPackage> Read(string project)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "src", project, "packages.lock.json")));
        var caches = Caches(project);
        return
        [
            .. document.RootElement.GetProperty("dependencies").EnumerateObject().Single(framework => framework.Name == "net10.0").Value.EnumerateObject()
                .Select(entry => Read(entry.Name, entry.Value, caches))
                .Where(package => package.Nuspec is not { IsDevelopmentOnly: true })
                .OrderBy(package => package.Id, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Ids of the packages and projects that a project names itself.</summary>
    /// <param name="project">Name of the project.</param>
    public IReadOnlyList<string> Direct(string project) =>
    [
        .. XDocument.Load(Path.Combine(root, "src", project, project + ".csproj")).Descendants()
            .Where(element => element.Name.LocalName is "PackageReference" or "ProjectReference")
            .Select(element => element.Attribute("Include")!.Value)
            .Select(name => name.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(name) : name),
    ];

    /// <summary>Licences of what lies among the files of a project and of the projects that it needs: a font, a table.</summary>
    /// <param name="project">Name of the project.</param>
    /// <param name="packages">All that it needs.</param>
    public IReadOnlyList<(string Heading, string Text)> Inside(string project, IReadOnlyList<LockedPackage> packages) =>
    [
        .. packages.Where(package => package.Nuspec is null).Select(package => package.Id).Append(project).Order(StringComparer.Ordinal)
            .SelectMany(name => Directory.EnumerateFiles(Path.Combine(root, "src", name), "LICENSE-*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(path => ($"{name}, {Path.GetFileName(path)}", File.ReadAllText(path).ReplaceLineEndings("\n").Trim()))),
    ];

    private LockedPackage Read(string id, JsonElement entry, IReadOnlyList<string> caches)
    {
        IReadOnlyList<string> dependencies = entry.TryGetProperty("dependencies", out var names) ? [.. names.EnumerateObject().Select(name => name.Name).Order(StringComparer.OrdinalIgnoreCase)] : [];
        if (entry.GetProperty("type").GetString() == "Project")
        {
            return new LockedPackage(OwnName(id), Version, string.Empty, dependencies, null);
        }

        var version = entry.GetProperty("resolved").GetString()!;
        var folder = caches.Select(cache => Path.Combine(cache, id.ToLowerInvariant(), version.ToLowerInvariant())).FirstOrDefault(Directory.Exists)
            ?? throw new DirectoryNotFoundException($"Package {id} {version} is in none of the folders of packages. Run 'dotnet restore'.");
        return new LockedPackage(id, version, entry.GetProperty("contentHash").GetString()!, dependencies, Nuspec.Read(folder));
    }

    // Lock files write names of projects in small letters.
    private string OwnName(string id) => Directory.EnumerateDirectories(Path.Combine(root, "src")).Select(folder => Path.GetFileName(folder)).Single(name => string.Equals(name, id, StringComparison.OrdinalIgnoreCase));

    private IReadOnlyList<string> Caches(string project)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "artifacts", "obj", project, "project.assets.json")));
        return [.. assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name)];
    }
}
