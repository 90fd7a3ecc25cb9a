using System.Globalization;
using Sisa.Engine.Stores;
using Sisa.Evidence;

namespace Sisa.Engine.Certifying;

/// <summary>The signed head of a store's log, as its file holds it.</summary>
/// <param name="Head">The head, if a key of the store signed it; <see langword="null"/> if there is none, or none that can be trusted.</param>
/// <param name="Fault">Why there is none; <see langword="null"/> if there need not be one.</param>
internal sealed record StoredHead(LogCheckpoint? Head, string? Fault)
{
    /// <summary>Whether what was signed is no beginning of a log. An earlier head of it is: a log only grows.</summary>
    /// <param name="origin">Names the log.</param>
    /// <param name="history">Its entries.</param>
    public bool IsOfAnother(string origin, LogHistory history) => Head is not null && (Head.Origin != origin || !history.BeginsWith(Head));

    /// <summary>Number of entries that the head claims to cover, whoever signed it; 0 if no head is readable.</summary>
    /// <param name="store">The store.</param>
    /// <remarks>For a look that costs nothing. What it says is believed only after <see cref="Of"/>.</remarks>
    public static long SizeOf(Store store)
    {
        try
        {
            return File.Exists(store.Layout.LogHead) && File.ReadLines(store.Layout.LogHead).ElementAtOrDefault(1) is { } size && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var entries) ? entries : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Reads the file.</summary>
    /// <param name="store">The store.</param>
    public static StoredHead Of(Store store)
    {
        var path = store.Layout.LogHead;
        if (!File.Exists(path) && store.Manifest.Certificates.IsEmpty)
        {
            return new StoredHead(null, null);
        }

        var keys = KeyRing.PublicKeys(store.Layout, KeyRing.LogName);
        try
        {
            var note = SignedNote.Parse(File.ReadAllText(path));
            var head = keys.Select(key => LogCheckpoint.Open(note, key)).FirstOrDefault(opened => opened is not null);
            return new StoredHead(head, head is null ? $"The head of the log {path} is not signed by a key of this store." : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EvidenceException)
        {
            return new StoredHead(null, $"The head of the log {path} cannot be read: {PlainReason.Of(e)}.");
        }
        finally
        {
            keys.ToList().ForEach(key => key.Dispose());
        }
    }
}
