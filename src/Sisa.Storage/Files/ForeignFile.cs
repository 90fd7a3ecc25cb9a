namespace Sisa.Storage.Files;

/// <summary>Reads untrusted files: certificates, keys, copies, audit bundles.</summary>
public static class ForeignFile
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="maxBytes">Largest size of a file that Sisa writes.</param>
    /// <exception cref="EvidenceException">It is not there, or larger than it may be.</exception>
    public static byte[] Read(string path, long maxBytes)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > maxBytes)
            {
                throw new EvidenceException($"{path} has {Counted.Of(stream.Length, "byte")}, expected at most {maxBytes}.", "Give a file that Sisa wrote.");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new EvidenceException($"{path} cannot be read: {PlainReason.Of(e)}.", "Give the path of a file that Sisa wrote.", e);
        }
    }

    /// <summary>A file in an untrusted folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="parts">Names below it, chosen by the reader and never read out of a file.</param>
    /// <returns>Its path, also where there is no file.</returns>
    /// <exception cref="EvidenceException">One of the names is a link, which could lead anywhere.</exception>
    public static string Within(string folder, params ReadOnlySpan<string> parts)
    {
        var path = folder;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is { } target)
            {
                throw new EvidenceException($"{path} is a link to '{target}'; expected a file or a folder.", "The maker of the folder put the link there. Get the folder again from a source that you trust.");
            }
        }

        return path;
    }
}
