namespace Sisa;

/// <summary>Checks of paths that a file names. They must not lead out of the file's folder, whoever wrote the file.</summary>
/// <remarks>Links are checked at the time of the call. A person who can exchange them at that moment can write to the folder anyway.</remarks>
public static class NamedPath
{
    /// <summary>Whether a path stays below its folder by its text alone: relative, in one form, without <c>..</c>.</summary>
    /// <param name="named">The path, with forward slashes or those of Windows.</param>
    public static bool IsBelow(string named)
    {
        ArgumentNullException.ThrowIfNull(named);
        var parts = named.Split('/', '\\');
        return !named.Contains('\0', StringComparison.Ordinal)
            && !Path.IsPathRooted(named)
            && !(named.Length > 1 && named[1] == ':' && char.IsAsciiLetter(named[0]))
            && Array.TrueForAll(parts, part => part is not ("" or "." or ".."));
    }

    /// <summary>The first symbolic link on the way from a folder down to a path, or <see langword="null"/> if there is none.</summary>
    /// <param name="folder">The folder, absolute; may itself be reached through links.</param>
    /// <param name="path">An absolute path below it; need not exist.</param>
    public static string? LinkTo(string folder, string path)
    {
        var at = folder;
        foreach (var part in Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar))
        {
            at = Path.Combine(at, part);
            if (new FileInfo(at).LinkTarget is not null)
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>Every file below a folder, but what links lead to.</summary>
    /// <param name="folder">The folder; none where it does not exist or is a link itself.</param>
    public static IEnumerable<string> FilesBelow(string folder) => Directory.Exists(folder) && new FileInfo(folder).LinkTarget is null
        ? Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false })
        : [];
}
