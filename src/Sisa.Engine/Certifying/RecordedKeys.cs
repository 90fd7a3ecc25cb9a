using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Certifying;

/// <summary>The store's signing keys, by the digests of their public halves: the first pair, and each replacement.</summary>
/// <remarks>An older store without recorded keys adopts the keys in its folder when it next signs.</remarks>
internal static class RecordedKeys
{
    /// <summary>Digests of the keys of a name; empty where none was recorded yet.</summary>
    public static IReadOnlyList<string> Of(Store store, string name) => store.Manifest.Settings[Setting(name)]?.Split(' ') ?? [];

    /// <summary>Adds a key; part of the caller's transaction.</summary>
    public static void Add(Store store, string name, Digest digest) => store.Manifest.Settings[Setting(name)] = string.Join(' ', Of(store, name).Append(digest.ToString()));

    /// <summary>Records the first keys of a store that is being made.</summary>
    public static void Fill(SqliteManifest manifest, KeyRing keys)
    {
        manifest.Settings[Setting(KeyRing.LogName)] = EvidenceKey.DigestOf(keys.Log).ToString();
        manifest.Settings[Setting(KeyRing.CertificateName)] = EvidenceKey.DigestOf(keys.Certificate).ToString();
    }

    /// <summary>Refuses to sign with keys that are not the store's.</summary>
    /// <param name="store">The store; the caller holds its lock.</param>
    /// <param name="keys">The keys.</param>
    /// <exception cref="EvidenceException">One of them was exchanged.</exception>
    public static void Require(Store store, KeyRing keys)
    {
        foreach (var name in KeyRing.Names)
        {
            if (Of(store, name).Count == 0)
            {
                Adopt(store, name);
            }
            else if (Fault(store, name, EvidenceKey.DigestOf(name == KeyRing.LogName ? keys.Log : keys.Certificate)) is { } fault)
            {
                throw new EvidenceException(fault, $"Restore the folder 'keys' from its backup. {Step.RotateKey.With(name)} replaces a key and records the new one.");
            }
        }
    }

    /// <summary>Faults of the public halves in the folder; empty if there are none.</summary>
    /// <param name="store">The store.</param>
    public static IEnumerable<string> Faults(Store store)
    {
        foreach (var name in KeyRing.Names)
        {
            if (KeyRing.CurrentDigest(store.Layout, name) is { } digest && Of(store, name).Count > 0 && Fault(store, name, digest) is { } fault)
            {
                yield return fault;
            }
        }
    }

    private static string? Fault(Store store, string name, Digest digest) => Of(store, name).Contains(digest.ToString())
        ? null
        : $"Key {store.Layout.PublicKey(name)} does not belong to this store: its SHA-256 is {digest.ToShortString()}…, the manifest records {string.Join("…, ", Of(store, name).Select(known => known[..12]))}….";

    private static void Adopt(Store store, string name) => store.Manifest.Write(() =>
    {
        var keys = KeyRing.PublicKeys(store.Layout, name);
        foreach (var key in keys)
        {
            Add(store, name, EvidenceKey.DigestOf(key));
            key.Dispose();
        }
    });

    private static string Setting(string name) => $"{name}Keys";
}
