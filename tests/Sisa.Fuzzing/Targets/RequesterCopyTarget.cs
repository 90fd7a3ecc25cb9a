using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Fuzzing.Engine;

namespace Sisa.Fuzzing.Targets;

/// <summary>What a requester keeps of a request.</summary>
internal sealed class RequesterCopyTarget() : FuzzTarget("requester-copy")
{
    public override int MaxBytes => 4 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words("{", "}", "[", "]", ":", ",", "\"", "null", "[null]", "\"request\"", "\"items\"", "\"item\"", "\"nonce\"", "\"span\"", "\"AAAA\"", "=", "\\ud800", "\\u0000");

    public override IEnumerable<byte[]> Seeds()
    {
        var code = new string('5', 64);
        yield return new RequesterCopy("r1", [CommittedItem.Of(code, "item-1", null), CommittedItem.Of(code, "item-2", new TextSpan(3, 5))]).ToBytes();
        yield return new RequesterCopy("", []).ToBytes();
    }

    protected override void Run(byte[] input)
    {
        var copy = RequesterCopy.Read(input);
        var bytes = copy.ToBytes();
        var again = RequesterCopy.Read(bytes);
        Check(again.ToBytes().AsSpan().SequenceEqual(bytes), "a copy that is written again reads the same");
        Check(copy.Commitments().SequenceEqual(again.Commitments()), "a copy that is written again commits to the same");
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException;
}
