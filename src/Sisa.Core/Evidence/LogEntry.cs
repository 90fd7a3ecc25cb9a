using System.Text;
using System.Text.Json;
using Sisa.Forgetting;
using Sisa.Records;

namespace Sisa.Evidence;

/// <summary>The kinds of events that the evidence log records.</summary>
public enum LogEvent
{
    /// <summary>The log begins; names the recipe and the keys.</summary>
    Opened,

    /// <summary>A request was received.</summary>
    Received,

    /// <summary>Nothing that is served has seen what it names.</summary>
    FallbackPublished,

    /// <summary>The retrained bundle is served.</summary>
    Published,

    /// <summary>Every derived copy is gone.</summary>
    Purged,

    /// <summary>A certificate was issued.</summary>
    Certified,

    /// <summary>A step failed.</summary>
    Failed,

    /// <summary>Forgotten ids were taken back.</summary>
    Readmitted,

    /// <summary>A signing key was replaced.</summary>
    KeyRotated,

    /// <summary>Items came in. Here so that a manifest from before is known for an old one.</summary>
    Ingested,

    /// <summary>Another bundle is served and no request asked for it: new items, or a checkpoint that was lost.</summary>
    BundlePublished,

    /// <summary>A copy of the ensemble was handed out.</summary>
    Exported,

    /// <summary>Nothing was found under the names of a request, which ended with its receipt.</summary>
    NothingHeld,

    /// <summary>The due date of a request was moved.</summary>
    Extended,
}

/// <summary>One entry of the evidence log. Holds no id: what must be known again is a keyed mark (rule E9).</summary>
public sealed record LogEntry
{
    private static readonly Dictionary<LogEvent, string> Beginnings = Enum.GetValues<LogEvent>().ToDictionary(what => what, what => $"{{\"event\":\"{KebabName.Of(what)}\",");

    /// <summary>The event.</summary>
    public required LogEvent Event { get; init; }

    /// <summary>When; order comes from the log, never from this.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Epoch of the bundle then.</summary>
    public required long Epoch { get; init; }

    /// <summary>Name of the request, where the entry is about one.</summary>
    public string? Request { get; init; }

    /// <summary>Its reason, at its receipt.</summary>
    public ForgetReason? Reason { get; init; }

    /// <summary>When the controller received it, at its receipt; left out where that is the moment of the entry.</summary>
    public DateTimeOffset? Received { get; init; }

    /// <summary>When it is due, at its receipt or after an extension.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Items that were searched, where nothing was found.</summary>
    public long? Items { get; init; }

    /// <summary>Names that were searched for, where nothing was found.</summary>
    public int? Named { get; init; }

    /// <summary>Tombstones: keyed marks of items, subjects and spans that were forgotten or taken back.</summary>
    public IReadOnlyList<LogMark>? Marks { get; init; }

    /// <summary>What the entry is bound to: the recipe (opened), a keyed hash of what was asked (received), a signed
    /// statement (certified). Never a bundle: a later request may taint it (rule E9).</summary>
    public Digest? Payload { get; init; }

    /// <summary>A public key, SubjectPublicKeyInfo in DER, that signs from here on.</summary>
    public byte[]? PublicKey { get; init; }

    /// <summary>The reason of a failure or an extension, or the name of a key. Holds no data of items.</summary>
    public string? Note { get; init; }

    /// <summary>Whether a line is an entry of an event, told by its beginning: the members come in the order of declaration, so that it need not be read.</summary>
    /// <param name="line">Output of <see cref="ToLine"/>.</param>
    /// <param name="what">The event.</param>
    public static bool IsOf(string line, LogEvent what)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.StartsWith(Beginnings[what], StringComparison.Ordinal);
    }

    /// <summary>What a line's entry is bound to, told without reading the rest of it; <see langword="null"/> for nothing.</summary>
    /// <param name="line">Output of <see cref="ToLine"/>.</param>
    /// <exception cref="EvidenceException">It is no digest.</exception>
    public static Digest? PayloadOf(string line)
    {
        ArgumentNullException.ThrowIfNull(line);

        // A quotation mark within a text is escaped, so that this is the member's name wherever it stands.
        const string Member = ",\"payload\":\"";
        var start = line.IndexOf(Member, StringComparison.Ordinal) + Member.Length;
        if (start < Member.Length)
        {
            return null;
        }

        try
        {
            return Digest.Parse(line.Substring(start, Math.Min(2 * Digest.SizeBytes, line.Length - start)));
        }
        catch (MalformedException e)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>The line of the log, without its line feed; the leaf of the tree is over exactly these bytes.</summary>
    public string ToLine() => RecordJson.Write(this, new RecordStyle(OmitsNulls: true, Readable: true));

    /// <summary>Reads a line.</summary>
    /// <param name="line">Output of <see cref="ToLine"/>.</param>
    /// <exception cref="EvidenceException">It is no entry.</exception>
    public static LogEntry Read(string line)
    {
        try
        {
            return StrictJson.Read<LogEntry>(Encoding.UTF8.GetBytes(line), EvidenceJson.Options);
        }
        catch (JsonException e)
        {
            throw Unreadable(e);
        }
    }

    private static EvidenceException Unreadable(Exception cause) => new($"An entry of the evidence log cannot be read: {PlainReason.Of(cause)}.", "The log was altered. Restore it from its newest backup.", cause);
}

/// <summary>A tombstone as the log holds it.</summary>
/// <param name="Kind"><c>item</c>, <c>subject</c> or <c>span</c>.</param>
/// <param name="Mark">Keyed hash of kind and id; its key never leaves the store.</param>
/// <param name="Span">Range of code points that was cut, as <c>A..B</c>, where the kind is <c>span</c>.</param>
public sealed record LogMark(string Kind, Digest Mark, string? Span = null);
