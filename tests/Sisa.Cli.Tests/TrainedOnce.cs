using System.Collections.Concurrent;
using System.Text;

namespace Sisa.Cli.Tests;

/// <summary>Stores that the program trained, one for all tests that train the same; each test gets a copy of its own, which it may change.</summary>
/// <remarks>
/// Most tests ask what becomes of a trained store, not how it is trained, and training takes longer than everything else that they do. An evaluation file is recorded by its whole path, so a copy goes on
/// reading the one of the first training: a test that changes that file trains for itself. Thread-safe.
/// </remarks>
internal static class TrainedOnce
{
    private const string Store = "shards";

    private static readonly ConcurrentDictionary<string, Lazy<SisaCommand>> Trained = new(StringComparer.Ordinal);

    /// <summary>Puts a trained store into a folder.</summary>
    /// <param name="sisa">The folder, with everything that <see cref="SisaCommand.TrainHere"/> needs.</param>
    /// <param name="store">Name of the store.</param>
    /// <param name="corpora">Corpus files.</param>
    public static void Copy(SisaCommand sisa, string store, params string[] corpora)
    {
        var files = Directory.EnumerateFiles(sisa.Folder).Order(StringComparer.Ordinal).ToDictionary(path => Path.GetFileName(path)!, File.ReadAllText, StringComparer.Ordinal);
        var key = new StringBuilder(string.Join(' ', corpora));
        foreach (var (name, content) in files)
        {
            key.Append('\n').Append(name).Append('\n').Append(content);
        }

        var template = Trained.GetOrAdd(key.ToString(), _ => new Lazy<SisaCommand>(() => Train(files, corpora))).Value;
        CopyFolder(template[Store], sisa[store]);
    }

    private static SisaCommand Train(Dictionary<string, string> files, string[] corpora)
    {
        var sisa = new SisaCommand();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => sisa.Dispose();
        foreach (var (name, content) in files)
        {
            sisa.Write(name, content);
        }

        sisa.TrainHere(Store, corpora);
        return sisa;
    }

    // With the modes of files and folders, which are part of what the program promises.
    private static void CopyFolder(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, folder));
            _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(copy) : Directory.CreateDirectory(copy, File.GetUnixFileMode(folder));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
