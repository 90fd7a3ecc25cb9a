using System.Security.Cryptography;
using System.Text;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Cli.Verbs;

/// <summary>Reads public keys.</summary>
internal static class KeyFile
{
    private const long MaxKeyBytes = 64 * 1024;

    /// <summary>Reads a public key; owned by the caller.</summary>
    public static ECDsa ReadPublic(string path) => EvidenceKey.ReadPublic(Encoding.UTF8.GetString(ForeignFile.Read(path, MaxKeyBytes)), path);
}
