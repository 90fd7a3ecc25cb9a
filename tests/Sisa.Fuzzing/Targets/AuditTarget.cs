using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Fuzzing.Engine;

namespace Sisa.Fuzzing.Targets;

/// <summary>What an audit bundle says of itself.</summary>
internal sealed class AuditTarget() : FuzzTarget("audit")
{
    public override int MaxBytes => 8 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "[", "]", ":", ",", "\"", "null", "[null]", "\"format\"", "\"content\"", "\"records\"", "\"commitments\"", "\"epoch\"", "\"shards\"", "\"shard\"", "\"slices\"", "\"root\"", "\"itemCount\"", "\"checkpoints\"", "\"digest\"",
        "\"tensors\"", "\"environment\"", "\"environments\"", "\"cuts\"", "\"item\"", "\"spans\"", "-1", "9223372036854775807", "1e3");

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var content in Enum.GetValues<AuditContent>())
        {
            yield return Description(content, shards: 2, slices: 2, cuts: 1).ToBytes();
        }

        yield return Description(AuditContent.Records, shards: 1, slices: 1, cuts: 0).ToBytes();
    }

    public override IEnumerable<byte[]> LargeInputs() => [Description(AuditContent.Records, shards: 100, slices: 200, cuts: 50_000).ToBytes()];

    protected override void Run(byte[] input)
    {
        var description = AuditDescription.Read(input);
        description.Bundle();
        if (OnlyReads)
        {
            return;
        }

        var bytes = description.ToBytes();
        var again = AuditDescription.Read(bytes);
        Check(again.ToBytes().AsSpan().SequenceEqual(bytes), "a description that is written again reads the same");
        Check(again.Bundle() == description.Bundle(), "a description that is written again names the same bundle");
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException;

    private static AuditDescription Description(AuditContent content, int shards, int slices, int cuts) => new()
    {
        Format = AuditDescription.FormatName,
        Content = content,
        Epoch = 3,
        Recipe = Digest.Of([1]),
        TrainingCode = 1,
        Environments = [EvidenceSamples.Environment],
        Shards =
        [
            .. Enumerable.Range(0, shards).Select(shard => new ExpectedShard(
                shard,
                [.. Enumerable.Range(0, slices).Select(i => new SliceRoot(Digest.Of([2]), i))],
                [.. Enumerable.Range(0, slices).Select(_ => new ExpectedCheckpoint(Digest.Of([3]), Digest.Of([4]), Digest.Of([5])))])),
        ],
        Cuts = [.. Enumerable.Range(0, cuts).Select(i => new RetainedCut($"item-{i}", ["0..3", "5..9"]))],
    };
}

/// <summary>What an auditor signs: the envelope as a stranger hands it over, and the statement inside one that is signed.</summary>
internal sealed class AttestationTarget() : FuzzTarget("attestation")
{
    private static readonly RerunStatement Statement = new()
    {
        Subject = [EvidenceSamples.Statements[0].Subject[0]],
        Predicate = new RerunFinding(EvidenceSamples.Statements[0].Predicate.Recipe.Digest, 3, EvidenceSamples.Environment, true, 12, 12, DateTimeOffset.UnixEpoch),
    };

    public override int MaxBytes => 8 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "{", "}", "[", "]", ":", ",", "\"", "null", "[null]", "\"_type\"", "\"subject\"", "\"name\"", "\"digest\"", "\"sha256\"", "\"predicateType\"", "\"predicate\"", "\"compared\"", "\"equal\"", "\"payload\"", "\"payloadType\"", "\"signatures\"", "12", "11", "-1");

    public override IEnumerable<byte[]> Seeds() => [Statement.ToPayload(), Envelope.Sign(Statement.ToPayload(), EvidenceSamples.LogKey).ToBytes()];

    protected override void Run(byte[] input)
    {
        // As it is handed over: only what was signed bears a certificate out.
        Envelope? envelope = null;
        try
        {
            envelope = Envelope.Read(input);
        }
        catch (EvidenceException)
        {
            // Then it may be a statement, which the auditor's key signs here.
        }

        if (envelope is not null)
        {
            var faults = RerunStatement.Faults(envelope, EvidenceSamples.LogKey, EvidenceSamples.Statements[0]);
            Check(faults.Count > 0 || envelope.Payload.AsSpan().SequenceEqual(Statement.ToPayload()), "nothing bears a certificate out that was not signed");
            return;
        }

        RerunStatement.Faults(Envelope.Sign(input, EvidenceSamples.LogKey), EvidenceSamples.LogKey, EvidenceSamples.Statements[0]);
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException;
}
