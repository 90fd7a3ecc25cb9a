using System.Text;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Engine.Certifying;

/// <summary>Files of public keys: those of a store, of a bundle, and given ones.</summary>
public static class PublicKeyFiles
{
    private const long MaxKeyBytes = 64 * 1024;

    /// <summary>Reads a file; whether it holds a key shows when the key is opened.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="EvidenceException">It cannot be read.</exception>
    public static PublicKeyText Read(string path) => new(path, Encoding.UTF8.GetString(ForeignFile.Read(path, MaxKeyBytes)));

    /// <summary>Reads files.</summary>
    /// <param name="paths">Their paths.</param>
    /// <exception cref="EvidenceException">One cannot be read.</exception>
    public static IReadOnlyList<PublicKeyText> Read(IEnumerable<string> paths) => [.. paths.Select(Read)];

    /// <summary>The public halves of a store's key and of those that it replaced, the current one first.</summary>
    /// <param name="layout">The store.</param>
    /// <param name="name">Name of the key: <c>certificate</c> or <c>log</c>.</param>
    /// <returns>The keys; none where there is no store.</returns>
    /// <exception cref="EvidenceException">A file cannot be read.</exception>
    public static IReadOnlyList<PublicKeyText> OfStore(StoreLayout layout, string name)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return Directory.Exists(layout.Keys)
            ? Read(Directory.EnumerateFiles(layout.Keys, name + "*.pub.pem").OrderBy(path => path != layout.PublicKey(name)).ThenBy(path => path, StringComparer.Ordinal))
            : [];
    }
}
