using System.Security.Cryptography;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests;

/// <summary>Bugs of the caller are argument exceptions that name the argument, never a fault somewhere behind it.</summary>
public sealed class MissingArgumentTests : IDisposable
{
    private readonly ECDsa _key = EvidenceKey.Create();

    [Fact]
    public void Where_items_go_and_in_which_order_is_not_decided_without_them()
    {
        Named("text", () => AssignmentKey.Parse(null!, "file"));
        Named("key", () => new ShardManager(null!, new EnsembleOptions { Shards = 1, Slices = 1 }).Dispose());
        Named("options", () => new ShardManager(SmallRecipes.Key(), null!).Dispose());
        Named("ids", () => new ItemOrder(1, default).Epoch(SliceIndex.First, 0, 1, null!));
        Named("slices", () => _ = new ShardHistory(default, null!, []));
        Named("served", () => BundleDigest.Of(null!));
    }

    [Fact]
    public void Nothing_is_cut_or_planned_without_a_text_or_shards()
    {
        var none = new CutRanges([]);

        Named("text", () => _ = TextSpan.TryParse(null!, out _));
        Named("others", () => none.Except(null!));
        Named("current", () => none.Apply(null!, none));
        Named("wanted", () => none.Apply("text", null!));
        Named("text", () => CutRanges.CodePoints(null!));
        Named("shards", () => ForgetPlan.Make(SmallRecipes.Text(), default, null!, new Dictionary<Placement, long>(), new Dictionary<Placement, long>()));
    }

    [Fact]
    public void Nothing_is_signed_or_read_without_a_key_or_a_text()
    {
        Named("key", () => Envelope.Sign([], null!));
        Named("key", () => Envelope.Sign([], _key).IsSignedBy(null!));
        Named("type", () => Envelope.PreAuthentication(null!, []));
        Named("envelope", () => Certificate.Of(null!, new LogProof(string.Empty, 0, [], string.Empty)));
        Named("key", () => EvidenceKey.DigestOf(null!));
        Named("key", () => EvidenceKey.ToPrivatePem(null!, []));
        Named("key", () => EvidenceKey.ToPublicPem(null!));
        Named("pem", () => EvidenceKey.IsEncrypted(null!));
        Named("note", () => LogCheckpoint.Open(null!, _key));
        Named("text", () => SignedNote.Sign(null!, "name", _key));
        Named("key", () => SignedNote.Sign("text\n", "name", null!));
        Named("note", () => SignedNote.Parse(null!));
        Named("key", () => SignedNote.Sign("text\n", "name", _key).IsSignedBy("name", null!));
    }

    [Fact]
    public void Nothing_is_proved_without_leaves_or_a_proof()
    {
        Named("leafHashes", () => MerkleTree.Root(null!));
        Named("leaves", () => MerkleProof.Inclusion(null!, 0));
        Named("path", () => MerkleProof.IsIncluded(default, 0, 1, null!, default));
        Named("leaves", () => MerkleProof.Consistency(null!, 0));
        Named("proof", () => MerkleProof.IsConsistent(0, default, 0, default, null!));
    }

    public void Dispose() => _key.Dispose();

    private static void Named(string argument, Action call) => Assert.Throws<ArgumentNullException>(argument, call);
}
