using System.Text;
using Sisa.Checkpoints;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Checkpoints;

public sealed class ShardHistoryTests
{
    private static readonly Digest Recipe = Hash("recipe");
    private static readonly Digest Here = Hash("here");
    private static readonly Digest There = Hash("there");
    private static readonly ShardId Shard = new(1);
    private static readonly SliceRoot[] Now = [Slice("a"), Slice("b"), Slice("c")];
    private static readonly SliceRoot[] Before = [Slice("a"), Slice("b and x"), Slice("c")];

    [Fact]
    public void The_chain_is_what_training_from_scratch_would_write()
    {
        CheckpointRecord[] all = [Checkpoint(Now, 1), Checkpoint(Now, 2), Checkpoint(Now, 3)];

        Assert.Equal(all, History(all.Reverse()).Chain(Recipe, Here));
        Assert.Equal(9, History(all).ItemCount);
    }

    [Fact]
    public void The_chain_ends_where_a_slice_has_changed() =>
        Assert.Equal([1], Stages(History([Checkpoint(Before, 1), Checkpoint(Before, 2), Checkpoint(Before, 3)]).Chain(Recipe, Here)));

    [Fact]
    public void A_missing_stage_ends_the_chain_although_later_ones_are_there() =>
        Assert.Equal([1], Stages(History([Checkpoint(Now, 1), Checkpoint(Now, 3)]).Chain(Recipe, Here)));

    [Fact]
    public void Checkpoints_of_another_recipe_do_not_count()
    {
        var history = History([Checkpoint(Now, 1) with { Recipe = Hash("other") }]);

        Assert.Empty(history.Chain(Recipe, Here));
        Assert.Empty(history.Chain(Recipe, null));
        Assert.Null(history.Clean(Recipe, []));
    }

    [Fact]
    public void Environments_are_never_mixed_in_one_chain()
    {
        var history = History([Checkpoint(Now, 1), Checkpoint(Now, 2, There), Checkpoint(Now, 3)]);

        Assert.Equal([1], Stages(history.Chain(Recipe, Here)));
        Assert.Empty(history.Chain(Recipe, There));
    }

    [Fact]
    public void Without_an_environment_the_longest_chain_counts()
    {
        var history = History([Checkpoint(Now, 1), Checkpoint(Now, 1, There), Checkpoint(Now, 2, There)]);

        Assert.Equal([There, There], history.Chain(Recipe, null).Select(c => c.Environment));
        Assert.Empty(History([]).Chain(Recipe, null));
    }

    [Fact]
    public void The_clean_checkpoint_is_the_newest_before_the_named_slice()
    {
        var history = History([Checkpoint(Now, 1), Checkpoint(Now, 2), Checkpoint(Now, 3)]);

        Assert.Equal(3, Clean(history));
        Assert.Equal(2, Clean(history, (3, false)));
        Assert.Equal(1, Clean(history, (2, false)));
        Assert.Equal(1, Clean(history, (3, false), (2, false)));
        Assert.Null(Clean(history, (1, false)));
    }

    [Fact]
    public void Behind_a_rewritten_slice_only_what_was_trained_on_the_result_is_clean()
    {
        CheckpointRecord[] old = [Checkpoint(Before, 1), Checkpoint(Before, 2), Checkpoint(Before, 3)];

        Assert.Equal(1, Clean(History(old), (2, true)));
        Assert.Equal(2, Clean(History([.. old, Checkpoint(Now, 2)]), (2, true)));
        Assert.Equal(Checkpoint(Now, 2), History([.. old, Checkpoint(Now, 2)]).Clean(Recipe, [(new SliceIndex(2), true)]));
    }

    [Fact]
    public void A_rewritten_and_a_waiting_slice_both_count()
    {
        var history = History([Checkpoint(Now, 1), Checkpoint(Now, 2), Checkpoint(Now, 3)]);

        Assert.Equal(2, Clean(history, (2, true), (3, false)));
        Assert.Equal(1, Clean(history, (2, false), (3, true)));
    }

    [Fact]
    public void An_outdated_checkpoint_before_the_named_slice_is_clean()
    {
        // New items have come into slice 1 since: it is no longer current, and it never saw what is named.
        var history = History([Checkpoint([Slice("less"), Slice("b"), Slice("c")], 1)]);

        Assert.Equal(1, Clean(history, (2, false)));
        Assert.Empty(history.Chain(Recipe, Here));
    }

    [Fact]
    public void Of_one_stage_the_current_one_is_chosen_and_then_by_digest()
    {
        var (current, old) = (Checkpoint(Now, 2), Checkpoint(Before, 2));
        CheckpointRecord[] tie = [Checkpoint([Slice("p"), Slice("q"), Slice("c")], 2), Checkpoint([Slice("r"), Slice("s"), Slice("c")], 2)];

        Assert.Equal(current, History([old, current]).Clean(Recipe, []));
        Assert.Equal(tie.MinBy(c => c.Digest), History(tie).Clean(Recipe, []));
        Assert.Equal(tie.MinBy(c => c.Digest), History(tie.Reverse()).Clean(Recipe, []));
    }

    [Fact]
    public void A_checkpoint_that_saw_nothing_is_never_served()
    {
        var history = new ShardHistory(Shard, [SliceRoot.Empty, Slice("b")], [Checkpoint([SliceRoot.Empty, Slice("b")], 1), Checkpoint([SliceRoot.Empty, Slice("b")], 2)]);

        Assert.Equal(2, history.Chain(Recipe, Here).Count);
        Assert.Null(Clean(history, (2, false)));
    }

    private static int? Clean(ShardHistory history, params (int Slice, bool Rewritten)[] pending) =>
        history.Clean(Recipe, [.. pending.Select(p => (new SliceIndex(p.Slice), p.Rewritten))])?.Place.Slice.Value;

    private static IEnumerable<int> Stages(IEnumerable<CheckpointRecord> chain) => chain.Select(c => c.Place.Slice.Value);

    private static ShardHistory History(IEnumerable<CheckpointRecord> checkpoints) => new(Shard, Now, [.. checkpoints]);

    private static CheckpointRecord Checkpoint(SliceRoot[] slices, int stage, Digest? environment = null)
    {
        var lineage = new Lineage(slices.Take(stage));
        return new CheckpointRecord
        {
            Digest = Hash($"{lineage.Digest} {environment ?? Here}"),
            Place = new Placement(Shard, new SliceIndex(stage)),
            File = "file",
            Tensors = default,
            Lineage = lineage.Digest,
            Recipe = Recipe,
            Environment = environment ?? Here,
            ItemCount = lineage.ItemCount,
            SizeBytes = 1,
            Visits = 1,
            Seconds = 1,
        };
    }

    private static SliceRoot Slice(string name) => new(Hash(name), 3);

    private static Digest Hash(string text) => Digest.Of(Encoding.UTF8.GetBytes(text));
}
