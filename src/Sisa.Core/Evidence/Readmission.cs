namespace Sisa.Evidence;

/// <summary>That something which a certificate is about was taken back into the store afterwards: ingested again, on purpose.</summary>
/// <remarks>The certificate stays true for its time. Only a later log shows that its items came back.</remarks>
/// <param name="At">The time.</param>
/// <param name="Items">Items that were taken back.</param>
/// <param name="Subjects">Subjects that were let in again.</param>
/// <param name="Texts">Items whose texts came back whole after parts of them had been cut.</param>
public sealed record Readmission(DateTimeOffset At, int Items, int Subjects, int Texts)
{
    /// <summary>Reads from a later log what became of a certificate's items.</summary>
    /// <param name="lines">The log, oldest entry first. The caller makes sure that it begins with what the certificate's head covers.</param>
    /// <param name="request">Name of the certificate's request.</param>
    /// <returns>Each entry that took something back, oldest first.</returns>
    /// <exception cref="EvidenceException">An entry cannot be read.</exception>
    public static IReadOnlyList<Readmission> Of(IReadOnlyList<string> lines, string request)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var forgotten = new HashSet<Digest>();
        var taken = new List<Readmission>();
        foreach (var entry in lines.Where(line => LogEntry.IsOf(line, LogEvent.Received) || LogEntry.IsOf(line, LogEvent.Readmitted)).Select(LogEntry.Read))
        {
            var marks = entry.Marks ?? [];
            if (entry.Event == LogEvent.Readmitted && marks.Where(m => forgotten.Remove(m.Mark)).ToLookup(m => m.Kind) is { Count: > 0 } back)
            {
                taken.Add(new Readmission(entry.At, back["item"].Count(), back["subject"].Count(), back["span"].Count()));
            }
            else if (entry.Event == LogEvent.Received && entry.Request == request)
            {
                forgotten.UnionWith(marks.Select(m => m.Mark));
            }
        }

        return taken;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string[] parts = [.. new[] { (Items, Counted.Of(Items, "item")), (Subjects, Counted.Of(Subjects, "subject")), (Texts, Counted.Of(Texts, "cut text")) }.Where(p => p.Item1 > 0).Select(p => p.Item2)];
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{string.Join(", ", parts)} of this request came back into the store on {At:yyyy-MM-dd HH:mm:ss} UTC, on purpose. The certificate is about the time before.");
    }
}
