namespace Sisa.Fuzzing.Engine;

/// <summary>Where fuzzing reads and writes: what is committed lies beside the program's source, everything else under <c>artifacts</c>.</summary>
internal static class FuzzFolders
{
    /// <summary>Folder of the repository: the nearest one above the program that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Everything that a run writes.</summary>
    public static string Work { get; } = Path.Combine(Root, "artifacts", "fuzzing");

    /// <summary>What runs so far have counted.</summary>
    public static string StateFile => Path.Combine(Work, "state.json");

    /// <summary>Committed inputs of a target: those that reach its code, and those that once made it fail.</summary>
    public static string Corpus(string target) => Path.Combine(Root, "tests", "Sisa.Fuzzing", "corpus", target);

    /// <summary>Inputs that runs on this machine have found.</summary>
    public static string Found(string target) => Path.Combine(Work, target, "corpus");

    /// <summary>Inputs that made a target fail, each with what it threw.</summary>
    public static string Faults(string target) => Path.Combine(Work, target, "faults");

    /// <summary>Inputs that took most memory.</summary>
    public static string Heavy(string target) => Path.Combine(Work, target, "heavy");

    /// <summary>The bytes of every file in a folder, smallest first; none where there is no folder.</summary>
    public static IReadOnlyList<byte[]> ReadAll(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).OrderBy(bytes => bytes.Length)]
        : [];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sisa.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Sisa.sln; fuzzing runs within the repository.");
    }
}
