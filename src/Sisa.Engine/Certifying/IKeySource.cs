using Sisa.Storage.Files;

namespace Sisa.Engine.Certifying;

/// <summary>Where signing keys come from when something is to be certified.</summary>
public interface IKeySource
{
    /// <summary>Opens the keys of a store.</summary>
    /// <param name="layout">The store.</param>
    /// <returns>The keys, owned by the caller; <see langword="null"/> if there are none, so that nothing is certified.</returns>
    /// <exception cref="EvidenceException">There are keys, and they cannot be opened.</exception>
    KeyRing? Open(StoreLayout layout);
}

/// <summary>The keys in the store's own folder.</summary>
/// <param name="passphrase">Gives the passphrase, asked at most once a time and only where keys are encrypted.</param>
public sealed class StoredKeys(Func<string> passphrase) : IKeySource
{
    /// <summary>Keys that need no passphrase.</summary>
    public static StoredKeys InTheClear { get; } = new(() => string.Empty);

    /// <inheritdoc/>
    public KeyRing? Open(StoreLayout layout) => KeyRing.Exists(layout) ? KeyRing.Open(layout, passphrase) : null;
}
