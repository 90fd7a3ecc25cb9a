using System.Text;
using Sisa.Evidence;
using Sisa.Fuzzing.Engine;

namespace Sisa.Fuzzing.Targets;

/// <summary>Entries of the evidence log.</summary>
internal sealed class LogEntryTarget() : FuzzTarget("log-entry")
{
    public override int MaxBytes => 4 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "[", "]", ":", ",", "\"", "null", "[null]", "{}", "\"event\"", "\"opened\"", "\"received\"", "\"at\"", "\"epoch\"", "\"marks\"", "\"kind\"", "\"mark\"", "\"span\"", "\"payload\"", "\"publicKey\"", "\"note\"", "\\ud800", "-1", "1e5");

    public override IEnumerable<byte[]> Seeds() => Words(EvidenceSamples.Entries.Select(entry => entry.ToLine()));

    protected override void Run(byte[] input)
    {
        var entry = LogEntry.Read(Encoding.UTF8.GetString(input));
        var line = entry.ToLine();
        Check(LogEntry.Read(line).ToLine() == line, "an entry that is written again reads the same");
        Check((entry.Marks ?? []).All(mark => mark.Kind.Length >= 0), "an entry has no holes");
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException;
}

/// <summary>Signed notes and heads of a log: only what was signed is believed.</summary>
internal sealed class SignedNoteTarget() : FuzzTarget("signed-note")
{
    private static readonly LogCheckpoint[] Heads = [new("sisa/log", 7, Digest.Of([1])), new("example.com/l\u00f6g", 0, Digest.Of([]))];

    public override int MaxBytes => 4 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words("\n\n\u2014 ", "\n", "\u2014 ", " ", "sisa/log", "\n7\n", "A==", "=", "+", "9223372036854775807\n", "\u00a0", "\u0085", "\u2014");

    public override IEnumerable<byte[]> LargeInputs() => [Repeat("sisa/log\n7\nAAAA\n\n", _ => "\u2014 a AAAAAAA=\n", string.Empty, 60 * 1024)];

    public override IEnumerable<byte[]> Seeds() => Words(Heads.Select(head => head.Sign(EvidenceSamples.LogKey).ToString()));

    protected override void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var note = SignedNote.Parse(text);
        Check(note.ToString() == text, "a note has one form");
        Check(LogCheckpoint.Open(note, EvidenceSamples.LogKey) is not { } head || Heads.Contains(head), "only a head that was signed is believed");
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException;
}
