using System.Text;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;

namespace Sisa.Serving.Exporting;

/// <summary>SHA-256 of every file of an export, in <c>SHA256SUMS</c>: nothing in the folder can be changed without being noticed, and <c>sha256sum -c</c> checks it too.</summary>
/// <remarks>Against accidents and half-made copies. Whoever can write the folder can write the sums as well.</remarks>
internal static class ExportSums
{
    public const string FileName = "SHA256SUMS";

    private const int MaxBytes = 16 << 20;
    private const string Between = "  ";

    /// <summary>Writes the sums of everything that is in a folder.</summary>
    public static void Write(string folder)
    {
        var lines = FilesOf(folder).Order(StringComparer.Ordinal).Select(name => $"{CheckpointFile.HashOf(Path.Combine(folder, name))}{Between}{name}\n");
        DurableFile.Write(Path.Combine(folder, FileName), Encoding.UTF8.GetBytes(string.Concat(lines)));
    }

    /// <summary>Compares every file with its sum.</summary>
    /// <param name="folder">The folder of the export.</param>
    /// <returns>Whether there are sums; exports of earlier versions have none.</returns>
    /// <exception cref="StoreException">A file is missing, differs, or is in a folder of the export without a sum.</exception>
    public static bool Check(string folder)
    {
        if (!File.Exists(Path.Combine(folder, FileName)))
        {
            return false;
        }

        var sums = Read(folder);
        foreach (var (name, expected) in sums)
        {
            var path = Path.Combine(folder, name);
            if (NamedPath.LinkTo(folder, path) is { } link)
            {
                throw Damaged(folder, $"{link} is a symbolic link");
            }

            if (!File.Exists(path))
            {
                throw Damaged(folder, $"{name} is missing");
            }

            var found = CheckpointFile.HashOf(path);
            if (found != expected)
            {
                throw Damaged(folder, $"{name} has digest {found.ToShortString()}…, {FileName} records {expected.ToShortString()}…");
            }
        }

        // Other files beside them belong to the owner, such as a licence. Other files in their folders might be mistaken for theirs.
        return FilesOf(folder).FirstOrDefault(name => name.Contains('/', StringComparison.Ordinal) && !sums.ContainsKey(name)) is { } other
            ? throw Damaged(folder, $"{other} is not one of its files")
            : true;
    }

    // A link counts as a file.
    private static IEnumerable<string> FilesOf(string folder, string below = "")
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(folder, below)).EnumerateFileSystemInfos())
        {
            var name = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
            if (entry is DirectoryInfo && entry.LinkTarget is null)
            {
                foreach (var file in FilesOf(folder, name))
                {
                    yield return file;
                }
            }
            else if (name != FileName)
            {
                yield return name;
            }
        }
    }

    private static Dictionary<string, Digest> Read(string folder)
    {
        var sums = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(ForeignFile.Read(ForeignFile.Within(folder, FileName), MaxBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            const int Digits = 2 * Digest.SizeBytes;
            var name = line.Length > Digits + Between.Length ? line[(Digits + Between.Length)..] : string.Empty;
            if (!NamedPath.IsBelow(name) || !line[..Digits].All(char.IsAsciiHexDigitLower) || !sums.TryAdd(name, Digest.Parse(line[..Digits])))
            {
                throw Damaged(folder, $"{FileName} has a line that is not a digest and a name: '{line}'");
            }
        }

        return sums.ContainsKey(EnsembleManifest.FileName) ? sums : throw Damaged(folder, $"{FileName} does not name {EnsembleManifest.FileName}");
    }

    private static StoreException Damaged(string folder, string how) => new($"The export {folder} is damaged or was altered: {how}.", $"Copy the folder again from its source, or run {Step.Export} again.");
}
