using System.Security.Cryptography;
using System.Text;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Engine.Certifying;

/// <summary>The private keys that sign evidence: one for the log, one for certificates.</summary>
/// <remarks>Only the owner can read the files, and a passphrase encrypts them. Owns the keys.</remarks>
public sealed class KeyRing : IDisposable
{
    /// <summary>Name of the key that signs heads of the log.</summary>
    public const string LogName = "log";

    /// <summary>Name of the key that signs certificates.</summary>
    public const string CertificateName = "certificate";

    private KeyRing(ECDsa log, ECDsa certificate) => (Log, Certificate) = (log, certificate);

    /// <summary>The names of both keys.</summary>
    internal static IReadOnlyList<string> Names { get; } = [LogName, CertificateName];

    /// <summary>Signs heads of the log.</summary>
    public ECDsa Log { get; }

    /// <summary>Signs certificates.</summary>
    public ECDsa Certificate { get; }

    /// <summary>Draws both keys, records them, and writes them, public halves too. Where they replace some that were lost, the evidence log says so.</summary>
    /// <param name="store">The store.</param>
    /// <param name="passphrase">Passphrase of the private keys; empty for unencrypted keys.</param>
    /// <exception cref="StoreException">There are keys already.</exception>
    public static KeyRing Create(Store store, string passphrase)
    {
        ArgumentNullException.ThrowIfNull(store);
        var layout = store.Layout;
        if (Exists(layout))
        {
            throw new StoreException($"Store {layout.Root} already has signing keys.", $"Replace one with {Step.RotateKey}.");
        }

        // Record first: a crash then leaves a record of keys that never signed, and not unknown keys.
        var ring = New();
        store.Manifest.Write(() =>
        {
            Record(store, LogName, ring.Log);
            Record(store, CertificateName, ring.Certificate);
        });
        return ring.WriteTo(layout, passphrase);
    }

    /// <summary>Draws both keys and writes them over the files of an interrupted <c>init</c>.</summary>
    internal static KeyRing Draw(StoreLayout layout, string passphrase) => New().WriteTo(layout, passphrase);

    /// <summary>Whether a store has both keys.</summary>
    /// <param name="layout">The store.</param>
    public static bool Exists(StoreLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return File.Exists(layout.PrivateKey(LogName)) && File.Exists(layout.PrivateKey(CertificateName));
    }

    /// <summary>The files of both keys.</summary>
    internal static IEnumerable<string> FilesOf(StoreLayout layout) =>
        Names.SelectMany(name => new[] { layout.PrivateKey(name), layout.PublicKey(name) });

    /// <summary>Opens both keys.</summary>
    /// <param name="layout">The store.</param>
    /// <param name="passphrase">Asked for it, once, when a key is encrypted.</param>
    /// <exception cref="EvidenceException">A key is missing, cannot be opened, or does not match its public half, so its signatures could not be checked.</exception>
    public static KeyRing Open(StoreLayout layout, Func<string> passphrase)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var known = new Lazy<string>(passphrase);
        var log = Read(layout, LogName, known);
        try
        {
            return new KeyRing(log, Read(layout, CertificateName, known));
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Replaces a key, keeps the public half of the old one, and records the new one in the evidence log.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name"><see cref="LogName"/> or <see cref="CertificateName"/>.</param>
    /// <param name="passphrase">Passphrase of the new private key; empty for an unencrypted key.</param>
    /// <returns>Digest of the new public key.</returns>
    /// <remarks>Order: the old public half under its digest, the log's entry, the new public half, the new private one. A crash before the third leaves the
    /// old key in use, and an entry about one that never signed; before the fourth, two halves that do not fit, with which nothing is signed until the same
    /// command is given again.</remarks>
    public static Digest Rotate(Store store, string name, string passphrase)
    {
        ArgumentNullException.ThrowIfNull(store);
        var layout = store.Layout;
        using var old = EvidenceKey.ReadPublic(ReadText(layout.PublicKey(name)), layout.PublicKey(name));
        DurableFile.Write(layout.PublicKey($"{name}-{EvidenceKey.DigestOf(old).ToShortString()}"), Encoding.UTF8.GetBytes(EvidenceKey.ToPublicPem(old)));
        using var key = EvidenceKey.Create();
        store.Manifest.Write(() => RecordRotation(store, name, key));
        Write(layout, name, key, passphrase);
        return EvidenceKey.DigestOf(key);
    }

    /// <summary>Faults of a store's keys that show without a passphrase; empty if there are none, or no keys.</summary>
    /// <param name="layout">The store.</param>
    public static IReadOnlyList<string> Faults(StoreLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var faults = new List<string>();
        foreach (var name in Names.Where(name => File.Exists(layout.PrivateKey(name)) || File.Exists(layout.PublicKey(name))))
        {
            try
            {
                using var half = EvidenceKey.ReadPublic(ReadText(layout.PublicKey(name)), layout.PublicKey(name));
                if (!EvidenceKey.IsEncrypted(ReadText(layout.PrivateKey(name))))
                {
                    Read(layout, name, new Lazy<string>(string.Empty)).Dispose();
                }
            }
            catch (EvidenceException e)
            {
                faults.Add(e.Message);
            }
        }

        return faults;
    }

    /// <summary>Public halves of a key and of those that it replaced; owned by the caller. What cannot be read is passed over.</summary>
    /// <param name="layout">The store.</param>
    /// <param name="name"><see cref="LogName"/> or <see cref="CertificateName"/>.</param>
    internal static IReadOnlyList<ECDsa> PublicKeys(StoreLayout layout, string name)
    {
        var keys = new List<ECDsa>();
        foreach (var path in Directory.Exists(layout.Keys) ? Directory.EnumerateFiles(layout.Keys, name + "*.pub.pem") : [])
        {
            try
            {
                keys.Add(EvidenceKey.ReadPublic(ReadText(path), path));
            }
            catch (EvidenceException)
            {
                // A damaged current one is a fault of its own; what an old one would show is then not shown.
            }
        }

        return keys;
    }

    /// <summary>Digest of a public half in the folder; <see langword="null"/> if it is missing or damaged.</summary>
    internal static Digest? CurrentDigest(StoreLayout layout, string name)
    {
        try
        {
            using var key = EvidenceKey.ReadPublic(ReadText(layout.PublicKey(name)), layout.PublicKey(name));
            return EvidenceKey.DigestOf(key);
        }
        catch (EvidenceException)
        {
            return null;
        }
    }

    private static KeyRing New() => new(EvidenceKey.Create(), EvidenceKey.Create());

    private KeyRing WriteTo(StoreLayout layout, string passphrase)
    {
        Write(layout, LogName, Log, passphrase);
        Write(layout, CertificateName, Certificate, passphrase);
        return this;
    }

    private static void RecordRotation(Store store, string name, ECDsa key)
    {
        store.Log.Record(LogEvent.KeyRotated, entry => entry with { Note = name, PublicKey = key.ExportSubjectPublicKeyInfo() });
        RecordedKeys.Add(store, name, EvidenceKey.DigestOf(key));
    }

    private static void Record(Store store, string name, ECDsa key)
    {
        if (RecordedKeys.Of(store, name).Count > 0)
        {
            RecordRotation(store, name, key);
        }
        else
        {
            RecordedKeys.Add(store, name, EvidenceKey.DigestOf(key));
        }
    }

    /// <summary>Writes a key, public half first, so that every key that signs can be checked.</summary>
    internal static void Write(StoreLayout layout, string name, ECDsa key, string passphrase)
    {
        DurableFile.Write(layout.PublicKey(name), Encoding.UTF8.GetBytes(EvidenceKey.ToPublicPem(key)));
        DurableFile.Write(layout.PrivateKey(name), Encoding.UTF8.GetBytes(EvidenceKey.ToPrivatePem(key, passphrase)), ownerOnly: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Log.Dispose();
        Certificate.Dispose();
    }

    // The halves are written one after the other, so a reader during a rotation reads again.
    private static ECDsa Read(StoreLayout layout, string name, Lazy<string> passphrase)
    {
        const int MaxAttempts = 5;
        var path = layout.PrivateKey(name);
        for (var attempt = 1; ; attempt++)
        {
            using var half = EvidenceKey.ReadPublic(ReadText(layout.PublicKey(name)), layout.PublicKey(name));
            var pem = ReadText(path);
            var key = EvidenceKey.ReadPrivate(pem, EvidenceKey.IsEncrypted(pem) ? passphrase.Value : string.Empty, path);
            var (expected, found) = (EvidenceKey.DigestOf(half), EvidenceKey.DigestOf(key));
            if (found == expected)
            {
                return key;
            }

            key.Dispose();
            if (attempt == MaxAttempts)
            {
                throw new EvidenceException($"{path} has the public half {found.ToShortString()}…, but {layout.PublicKey(name)} holds {expected.ToShortString()}….", $"Repeat an interrupted {Step.RotateKey.With(name)}, or restore the folder 'keys' from its backup.");
            }

            Thread.Sleep(TimeSpan.FromMilliseconds(50));
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EvidenceException($"Key {path} cannot be read: {PlainReason.Of(e)}.", $"Restore the folder 'keys' from its backup, or create keys with {Step.CreateKeys}.", e);
        }
    }
}
