using System.Xml.Linq;

namespace Sisa.Packages.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    // What the packages are made of.
    private static readonly string[] Sources = ["src", "packaging", "build.sh", "LICENSE", "BannedSymbols.txt", ".editorconfig", "global.json", "Directory.*", "Sisa.sln", "Sisa.Packages.slnf"];

    /// <summary>Its root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The version that everything is built as.</summary>
    public static string Version { get; } = XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>Names of the libraries and of the tool that are packed.</summary>
    public static IReadOnlyList<string> Packages { get; } = ["Sisa.Cli", "Sisa.Core", "Sisa.Engine", "Sisa.Evaluation", "Sisa.Readers", "Sisa.Serving", "Sisa.Storage", "Sisa.Torch"];

    /// <summary>Copies what the packages are made of, and nothing that a build wrote.</summary>
    public static void CopySources(string destination)
    {
        foreach (var entry in Sources.SelectMany(pattern => Directory.EnumerateFileSystemEntries(Root, pattern)))
        {
            Copy(entry, Path.Combine(destination, Path.GetFileName(entry)));
        }
    }

    /// <summary>Copies a file or a folder, without folders that a build wrote.</summary>
    public static void Copy(string source, string destination)
    {
        if (!Directory.Exists(source))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
            File.Copy(source, destination);
            return;
        }

        Directory.CreateDirectory(destination);
        foreach (var entry in Directory.EnumerateFileSystemEntries(source).Where(entry => Path.GetFileName(entry) is not ("bin" or "obj")))
        {
            Copy(entry, Path.Combine(destination, Path.GetFileName(entry)));
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sisa.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("There is no Sisa.sln above the tests.");
        }

        return folder;
    }
}
