using Sisa.Evidence;
using Sisa.Fuzzing.Engine;

namespace Sisa.Fuzzing.Targets;

/// <summary>Certificates: whatever was changed of one that is valid, it is valid no more. Only the signatures themselves may be other bytes, since signing twice gives two.</summary>
internal sealed class CertificateTarget() : FuzzTarget("certificate")
{
    private readonly Certificate[] _issued = [.. EvidenceSamples.Statements.Select(s => EvidenceSamples.Issue(s.ToPayload()))];

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "[", "]", ":", ",", "\"", "\n", " ", "null", "[null]", "{}", "\"\"", "\"payloadType\"", "\"payload\"", "\"signatures\"", "\"keyid\"", "\"sig\"", "\"log\"", "\"entry\"", "\"index\"", "\"path\"", "\"checkpoint\"", "\\n\\n\u2014 ", "\\u2014", "A==", "=", "9223372036854775807", "-1", "5.0", "{\"keyid\":\"\",\"sig\":\"\"},");

    public override IEnumerable<byte[]> LargeInputs()
    {
        var template = EvidenceSamples.Statements[0];
        foreach (var statement in (ErasureStatement[])
        [
            template with { Predicate = template.Predicate with { Items = new CertifiedItems(1, 0, [.. Enumerable.Range(0, 100_000).Select(i => Digest.Of(BitConverter.GetBytes(i)))]) } },
            template with { Predicate = template.Predicate with { Claims = [.. Enumerable.Repeat(string.Empty, 2_000_000)] } },
        ])
        {
            yield return EvidenceSamples.Issue(statement.ToPayload()).ToBytes();
        }

        var bytes = _issued[0].ToBytes();
        var at = bytes.AsSpan().IndexOf("{\"keyid\""u8);
        yield return [.. bytes.AsSpan(0, at), .. Repeat(string.Empty, _ => "{\"keyid\":\"\",\"sig\":\"\"},", string.Empty, 16 << 20), .. bytes.AsSpan(at)];
    }

    public override IEnumerable<byte[]> Seeds() => _issued.Select(c => c.ToBytes());

    protected override void Run(byte[] input)
    {
        var verdict = Certificate.Verify(input, EvidenceSamples.Key);
        _ = verdict.Standing;
        Check(!verdict.IsValid || Array.Exists(_issued, issued => IsSame(issued, verdict.Certificate)), "only what was issued is valid");
        Check(verdict.Statement is null || Array.Exists(_issued, issued => issued.Payload.AsSpan().SequenceEqual(verdict.Certificate.Payload)), "only what was signed is shown as a statement");
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException;

    private static bool IsSame(Certificate issued, Certificate found) =>
        issued.PayloadType == found.PayloadType && issued.Payload.AsSpan().SequenceEqual(found.Payload)
        && issued.Log.Entry == found.Log.Entry && issued.Log.Index == found.Log.Index && issued.Log.Path.SequenceEqual(found.Log.Path)
        && SignedNote.Parse(issued.Log.Checkpoint).Text == SignedNote.Parse(found.Log.Checkpoint).Text;
}

/// <summary>Statements that the right key has signed, whatever they say: whoever issues certificates may be a stranger too.</summary>
internal sealed class StatementTarget() : FuzzTarget("statement")
{
    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "[", "]", ":", ",", "\"", "null", "[null]", "{}", "\"\"", "true", "\"_type\"", "\"subject\"", "\"digest\"", "\"sha256\"", "\"predicate\"", "\"items\"", "\"commitments\"", "\"environments\"", "\"rerun\"", "\"kind\"", "\"same-machine\"",
        "\"auditor\"", "\"purge\"", "\"log\"", "\"publicKey\"", "\"claims\"", "9223372036854775808", "-1", "1e400", "0.1", "\"2026-05-04T03:02:01+00:00\"", "\"9999-12-31T23:59:59-14:00\"");

    public override IEnumerable<byte[]> Seeds() => EvidenceSamples.Statements.Select(s => s.ToPayload());

    protected override void Run(byte[] input)
    {
        var certificate = EvidenceSamples.Issue(input);
        var verdict = Certificate.Verify(certificate.ToBytes(), EvidenceSamples.Key);
        var statement = verdict.Statement;
        Check(statement is not null, "a statement that is signed is shown");
        var payload = statement!.ToPayload();
        Check(ErasureStatement.Read(payload).ToPayload().AsSpan().SequenceEqual(payload), "a statement that is written again reads the same");
        Check(statement.Predicate.Items.Commitments.Count >= 0 && statement.Subject.All(s => s.Name.Length >= 0), "a statement has no holes");
        _ = verdict.Standing;
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException;
}
