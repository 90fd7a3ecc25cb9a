using System.Security.Cryptography;
using Sisa.Evidence;

namespace Sisa.Cli.Verbs;

/// <summary>Reads files that somebody else may have written: certificates, keys, copies.</summary>
internal static class KeyFile
{
    // Larger files are nothing that Sisa wrote, and reading them whole would be somebody's joke.
    private const long MaxKeyBytes = 64 * 1024;

    /// <summary>Reads a public key; owned by the caller.</summary>
    public static ECDsa ReadPublic(string path) => EvidenceKey.ReadPublic(System.Text.Encoding.UTF8.GetString(Read(path, MaxKeyBytes)), path);

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="EvidenceException">It is not there, or larger than it may be.</exception>
    public static byte[] Read(string path, long maxBytes)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > maxBytes)
            {
                throw new EvidenceException($"{path} has {stream.Length} bytes, expected at most {maxBytes}.", "Give a file that Sisa wrote.");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new EvidenceException($"{path} cannot be read: {e.Message}", "Give the path of a file that Sisa wrote.", e);
        }
    }
}
