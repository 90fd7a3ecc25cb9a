using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Engine.Certifying;

/// <summary>The evidence log of a store: every state change of every request, in a tree that only grows.</summary>
/// <remarks>
/// An entry is committed to the manifest in the transaction of what it tells of, and then appended to a file apart from it. Whichever of the
/// two has more entries than the other must begin with it: the manifest is ahead for a moment, and after a crash until the next open; a
/// file that is ahead means that the manifest went backwards, as when an old backup was restored. Then nothing is served and nothing
/// certified until the file's entries are replayed (<see cref="LogReplay"/>).
/// An opening compares the entries behind the place up to which the two were last seen to agree; the manifest remembers that place. Whoever relies on older entries
/// compares all of them first (<see cref="RequireWhole"/>). Not thread-safe.
/// </remarks>
public sealed class EvidenceLog
{
    private const string AgreedSetting = "logAgreed";

    private readonly Store _store;
    private readonly LogFile _file;
    private bool _isPending;

    // Up to here file and manifest were seen to agree. Whatever comes later is compared when it comes, so that many commits do not read everything each.
    private LogPlace _agreed;
    private LogPlace _remembered;

    // Up to here this process has compared them from the first entry on.
    private LogPlace _whole;

    internal EvidenceLog(Store store)
    {
        _store = store;
        _file = new LogFile(store.Layout.LogFile);
    }

    /// <summary>Names the log: drawn when the store was made.</summary>
    public string Origin => _store.Manifest.Settings["logOrigin"] ?? string.Empty;

    /// <summary>Entries that the file has and the manifest lacks: above 0 after the manifest went backwards.</summary>
    /// <exception cref="StoreException">Neither begins with the other.</exception>
    public long Behind => Math.Max(0, -Lead(default));

    /// <summary>Every entry, oldest first.</summary>
    public IReadOnlyList<string> Lines => _store.Manifest.Log.From(0);

    /// <summary>Whether the last recorded entry is committed and could not be appended to the file: what was done is done, and the next commit or open appends it.</summary>
    internal bool IsUnwritten { get; private set; }

    /// <summary>Records an entry; part of the caller's transaction.</summary>
    /// <param name="what">The event.</param>
    /// <param name="more">Adds to the entry, which has event, time and epoch.</param>
    internal void Record(LogEvent what, Func<LogEntry, LogEntry> more) => Record(what, [more]);

    /// <summary>Records entries of one moment, one after the other; part of the caller's transaction.</summary>
    /// <param name="what">The event.</param>
    /// <param name="more">Each adds to an entry, which has event, time and epoch.</param>
    internal void Record(LogEvent what, IEnumerable<Func<LogEntry, LogEntry>> more)
    {
        var entry = new LogEntry { Event = what, At = _store.Now, Epoch = _store.Manifest.Settings.Epoch };
        _store.Manifest.Log.Add(more.Select(add => add(entry).ToLine()));
        Remember();
        (_isPending, IsUnwritten) = (true, false);
    }

    /// <summary>Brings the file up to date with the manifest. What a crash before it leaves, the next open does.</summary>
    /// <exception cref="StoreException">The manifest went backwards, or one of the two was altered.</exception>
    internal void Flush()
    {
        if (!_isPending)
        {
            return;
        }

        IsUnwritten = true;
        _agreed = Append(_agreed) ?? Append(default) ?? default;
        (_isPending, IsUnwritten) = (false, false);
    }

    /// <summary>Makes the file whole after a crash, and refuses a manifest that went backwards.</summary>
    internal void Open()
    {
        var head = StoredHead.SizeOf(_store);
        var lead = Lead(LastKnown());
        if (lead < 0)
        {
            throw Backwards(lead);
        }

        if (head > _store.Manifest.Log.Count && StoredHead.Of(_store).Head is { } newer && newer.Origin == Origin)
        {
            throw new StoreException(
                $"Store {_store.Layout.Root} was rolled back: it signed a head over {Counted.Of(newer.Size, "entry", "entries")} of the evidence log, and the log has {_store.Manifest.Log.Count}.",
                "Restore the whole store folder from its newest backup.");
        }

        _isPending = lead > 0;
        Flush();
    }

    /// <summary>Compares every entry of the file with the manifest's, once a process; later calls compare what was added since.</summary>
    /// <exception cref="StoreException">The manifest went backwards, or one of the two was altered.</exception>
    public void RequireWhole()
    {
        var lead = Lead(_whole);
        if (lead < 0)
        {
            throw Backwards(lead);
        }

        _whole = _agreed;
    }

    /// <summary>Signs the head of the log as it stands, and writes it to <see cref="StoreLayout.LogHead"/>.</summary>
    /// <remarks>An unreadable head is written again. A head of another log that the store's key signed is evidence, and remains.</remarks>
    /// <param name="key">The log's private key.</param>
    /// <param name="known">Entries that the caller has read already, and compared with the head; <see langword="null"/> for none.</param>
    /// <exception cref="StoreException">The log does not begin with what the head before covers.</exception>
    /// <returns>The entries that the head covers, read once: a request may be received at any moment.</returns>
    public SealedLog Seal(ECDsa key, LogHistory? known = null)
    {
        var history = known?.With(_store.Manifest.Log.From(known.Count)) ?? new LogHistory(Lines);
        RequireOwnHead(history);
        var head = new LogCheckpoint(Origin, history.Count, MerkleTree.Root(history.Leaves)).Sign(key);
        DurableFile.Write(_store.Layout.LogHead, Encoding.UTF8.GetBytes(head.ToString()));
        return new SealedLog(history.Lines, history.Leaves, head);
    }

    /// <summary>Refuses a signed head with which the log does not begin, before anything is recorded that would need another one.</summary>
    /// <exception cref="StoreException">The log does not begin with what the head covers.</exception>
    /// <returns>The entries.</returns>
    internal LogHistory RequireOwnHead()
    {
        var history = new LogHistory(Lines);
        RequireOwnHead(history);
        return history;
    }

    private void RequireOwnHead(LogHistory history)
    {
        if (StoredHead.Of(_store) is { Head: { } before } stored && stored.IsOfAnother(Origin, history))
        {
            throw new StoreException(
                $"The log does not begin with the {Counted.Of(before.Size, "entry", "entries")} that the signed head {_store.Layout.LogHead} covers. Nothing was signed.",
                "The log was altered or exchanged, or the head belongs to another store. Restore the whole store folder from one backup.");
        }
    }

    // Read the manifest before locking the file: a process that commits in between appends its entry itself.
    private LogPlace? Append(LogPlace known)
    {
        var mine = _store.Manifest.Log.From(known.Count);
        return _file.Append(known, mine, present => RefuseForeign(known.Count, mine, present));
    }

    // How many entries the manifest has more than the file. The file is read first: what another process commits meanwhile is in the manifest
    // before it is in the file.
    private long Lead(LogPlace from)
    {
        var (lines, start, next) = _file.Read(from);
        var mine = _store.Manifest.Log.From(start.Count);
        RefuseForeign(start.Count, mine, lines);
        _agreed = mine.Count < lines.Count ? default : next;
        return mine.Count - lines.Count;
    }

    private StoreException Backwards(long lead) => new(
        $"Store {_store.Layout.Root} was rolled back: the evidence log is {Counted.Of(-lead, "entry", "entries")} ahead of the manifest, which must come from an old backup.",
        $"Run {Step.ReplayLog}. It forgets again what the log records as forgotten. Until then, nothing is served.");

    // Written with what is recorded anyway, so that an opening writes nothing. It lags behind by the entries of one transaction.
    private void Remember()
    {
        if (_agreed != _remembered)
        {
            _store.Manifest.Settings[AgreedSetting] = string.Create(CultureInfo.InvariantCulture, $"{_agreed.Count} {_agreed.Bytes}");
            _remembered = _agreed;
        }
    }

    // Compare the entry before the remembered place again, so that a file with other lines is noticed.
    private LogPlace LastKnown()
    {
        return _store.Manifest.Settings[AgreedSetting]?.Split(' ') is [var count, var bytes]
            && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var entries)
            && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && _store.Manifest.Log.Find(entries - 1) is { } last
                ? new LogPlace(entries - 1, length - Encoding.UTF8.GetByteCount(last) - 1)
                : default;
    }

    // Both must agree on their common beginning.
    private void RefuseForeign(long first, IReadOnlyList<string> mine, IReadOnlyList<string> lines)
    {
        for (var i = 0; i < Math.Min(mine.Count, lines.Count); i++)
        {
            if (mine[i] != lines[i])
            {
                throw new StoreException(
                    $"Entry {first + i} of the evidence log {_store.Layout.LogFile} differs from the one that the manifest records.",
                    "One of the two was altered, or belongs to another store. Restore both from one backup.");
            }
        }
    }
}

/// <summary>The log at one moment.</summary>
/// <param name="Lines">Its entries, oldest first.</param>
/// <param name="Leaves">Their leaf hashes.</param>
/// <param name="Head">The signed head over them.</param>
public sealed record SealedLog(IReadOnlyList<string> Lines, IReadOnlyList<Digest> Leaves, SignedNote Head);
