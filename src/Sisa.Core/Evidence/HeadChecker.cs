namespace Sisa.Evidence;

/// <summary>Checks whether a kept head belongs to this evidence log.</summary>
/// <remarks>The one thing that notices when a whole store was put back, its log included. Thread-safe.</remarks>
/// <param name="keys">Public keys of the log: the current one and those that it replaced.</param>
public sealed class HeadChecker(params IReadOnlyList<PublicKeyText> keys)
{
    /// <summary>Faults of a head; empty if there are none, or if there is no head.</summary>
    /// <param name="log">The log.</param>
    /// <param name="head">The head; may be <see langword="null"/>.</param>
    /// <exception cref="EvidenceException">The note or a key cannot be read.</exception>
    public IReadOnlyList<string> Faults(LogHistory log, KeptHead? head)
    {
        ArgumentNullException.ThrowIfNull(log);
        return head is null ? []
            : Open(head.Note) is not { } signed ? [$"The head in {head.Name} is not signed by a key of this log."]
            : log.BeginsWith(signed) ? []
            : [$"The log has {Counted.Of(log.Count, "entry", "entries")} and does not begin with the {signed.Size} entries that the head in {head.Name} covers. The log was rolled back, or it is another log."];
    }

    /// <summary>Reads a signed head, where one of the keys has signed it; <see langword="null"/> if none has.</summary>
    /// <param name="note">The signed note.</param>
    /// <exception cref="EvidenceException">The note or a key cannot be read.</exception>
    public LogCheckpoint? Open(string note)
    {
        var signed = SignedNote.Parse(note);
        foreach (var text in keys)
        {
            using var key = text.Open();
            if (LogCheckpoint.Open(signed, key) is { } head)
            {
                return head;
            }
        }

        return null;
    }
}
