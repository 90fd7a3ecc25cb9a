using System.Diagnostics;
using Sisa.Packages.Tests;

[assembly: AssemblyFixture(typeof(Packed))]

namespace Sisa.Packages.Tests;

/// <summary>The packages, packed once for all tests, and a stranger's home: a cache of packages that no earlier pack has filled.</summary>
/// <remarks>The first packages are those that <c>./build.sh test</c> has just packed (<c>SISA_PACKAGES</c>); without it a copy of the sources is packed.</remarks>
public sealed class Packed : IDisposable
{
    private readonly string _home = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"sisa-packages-{Path.GetRandomFileName()}")).FullName;
    private readonly string _cache;
    private readonly Lazy<string> _folder;

    public Packed()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        _cache = Directory.CreateDirectory(this["cache"]).FullName;
        var others = Directory.CreateDirectory(this["others"]).FullName;
        foreach (var package in Directory.Exists(cache) ? Directory.EnumerateDirectories(cache).Where(package => !Path.GetFileName(package).StartsWith("sisa.", StringComparison.Ordinal)) : [])
        {
            Directory.CreateSymbolicLink(Path.Combine(others, Path.GetFileName(package)), package);
        }

        _folder = new Lazy<string>(() => Environment.GetEnvironmentVariable("SISA_PACKAGES") is { Length: > 0 } fresh ? fresh : Pack("first"));
    }

    /// <summary>Folder of the packages.</summary>
    public string Folder => _folder.Value;

    /// <summary>A path in a folder that is removed with everything in it.</summary>
    public string this[string name] => Path.Combine(_home, name);

    /// <summary>Path of a package.</summary>
    public string Package(string name) => Path.Combine(Folder, $"{name}.{Repository.Version}.nupkg");

    /// <summary>Copies the sources and packs them there.</summary>
    /// <returns>Folder of the packages.</returns>
    public string Pack(string name)
    {
        Repository.CopySources(this[name]);
        Run(this[name], "./build.sh pack -p:RunAnalyzers=false", 0, this[Path.Combine(name, "artifacts", "cache")]);
        return Path.Combine(this[name], "artifacts", "packages");
    }

    /// <summary>Copies a sample to where no repository is around it, beside the packages.</summary>
    /// <returns>Its folder.</returns>
    public string Sample(string name) => Sample(name, name);

    /// <summary>Where the sample of that name lies after <see cref="Sample(string)"/>.</summary>
    public string SampleFolder(string name) => Path.Combine(this[$"stranger-{name}"], "samples", name);

    /// <summary>The same under a name of its own.</summary>
    public string Sample(string name, string copy)
    {
        var world = this[$"stranger-{copy}"];
        Repository.Copy(Path.Combine(Repository.Root, "samples", name), SampleFolder(copy));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples")))
        {
            Repository.Copy(file, Path.Combine(world, "samples", Path.GetFileName(file)));
        }

        Directory.CreateDirectory(Path.Combine(world, "artifacts"));
        Directory.CreateSymbolicLink(Path.Combine(world, "artifacts", "packages"), Folder);
        return SampleFolder(copy);
    }

    /// <summary>Runs a line of shell and demands its exit code.</summary>
    /// <returns>What it printed, standard output and errors together.</returns>
    public string Run(string folder, string line, int code) => Run(folder, line, code, _cache);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_home, recursive: true);

    // A pack empties its cache of what it packed before.
    private string Run(string folder, string line, int code, string cache)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash to run build.sh with.");
        var log = this[Path.GetRandomFileName()];

        // Servers that a build leaves running keep their standard output; so it is a file that nobody waits for.
        var start = new ProcessStartInfo("/bin/bash", ["-c", $"({line}) >'{log}' 2>&1 </dev/null"]) { WorkingDirectory = folder };
        start.Environment["NUGET_PACKAGES"] = cache;
        start.Environment["NUGET_FALLBACK_PACKAGES"] = this["others"];
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        using var process = Process.Start(start)!;
        process.WaitForExit();
        var said = File.ReadAllText(log);
        Assert.True(process.ExitCode == code, $"'{line}' ended with exit code {process.ExitCode}, expected {code}.\n{said}");
        return said;
    }
}
