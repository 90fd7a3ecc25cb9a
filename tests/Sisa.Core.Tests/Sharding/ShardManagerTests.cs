using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests.Sharding;

public sealed class ShardManagerTests
{
    private static readonly EnsembleOptions SevenByFive = new() { Shards = 7, Slices = 5 };

    // Computed with another program: HMAC-SHA256, first and second word scaled onto shards and slices.
    [Theory]
    [InlineData("alice", 3, 2)]
    [InlineData("bob", 4, 4)]
    [InlineData("日本", 0, 5)]
    public void A_subject_goes_where_its_keyed_hash_says(string subject, int shard, int slice)
    {
        using var manager = new ShardManager(new AssignmentKey([.. Enumerable.Range(0, 32).Select(i => (byte)i)]), SevenByFive);

        Assert.Equal(new Placement(new ShardId(shard), new SliceIndex(slice)), manager.Assign(subject));
    }

    [Fact]
    public void Neighbours_and_order_do_not_matter()
    {
        using var one = new ShardManager(SmallRecipes.Key(), SevenByFive);
        using var other = new ShardManager(SmallRecipes.Key(), SevenByFive);
        string[] subjects = [.. Enumerable.Range(0, 200).Select(i => $"subject {i}")];
        var forward = subjects.ToDictionary(s => s, s => one.Assign(s));

        Assert.All(subjects.Reverse().Where((_, i) => i % 3 == 0), s => Assert.Equal(forward[s], other.Assign(s)));
    }

    [Fact]
    public void Another_key_places_otherwise()
    {
        using var one = new ShardManager(SmallRecipes.Key(1), SevenByFive);
        using var other = new ShardManager(SmallRecipes.Key(2), SevenByFive);

        Assert.InRange(Enumerable.Range(0, 350).Count(i => one.Assign($"{i}") == other.Assign($"{i}")), 0, 30);
    }

    [Fact]
    public void Subjects_spread_evenly()
    {
        using var manager = new ShardManager(SmallRecipes.Key(), SevenByFive);
        var counts = Enumerable.Range(0, 35_000).CountBy(i => manager.Assign($"subject {i}")).ToArray();

        // A thousand is expected in each; the standard deviation is 31.
        Assert.Equal(35, counts.Length);
        Assert.All(counts, c => Assert.InRange(c.Value, 840, 1160));
    }

    [Fact]
    public void Long_subjects_are_hashed_whole()
    {
        using var manager = new ShardManager(SmallRecipes.Key(), SevenByFive);
        var common = new string('é', 600);

        Assert.True(Enumerable.Range(0, 50).Select(i => manager.Assign(common + i)).Distinct().Count() > 10);
        Assert.Equal(manager.Assign(common), manager.Assign(common));
    }

    [Fact]
    public void A_batch_decides_the_slice_and_not_the_shard()
    {
        var options = SmallRecipes.Text(4, 3).ByBatch().Ensemble;
        using var manager = new ShardManager(SmallRecipes.Key(), options);

        Assert.Equal([1, 2, 3], options.Batches.Select(b => manager.Assign("alice", batch: b).Slice.Value));
        Assert.Single(options.Batches.Select(b => manager.Assign("alice", batch: b).Shard).Distinct());
        Assert.Contains("'b9'", Assert.Throws<CorpusException>(() => manager.Assign("alice", batch: "b9")).Message, StringComparison.Ordinal);
        Assert.Throws<CorpusException>(() => manager.Assign("alice"));
    }

    [Fact]
    public void A_risk_class_stays_in_its_shards()
    {
        var options = SmallRecipes.Text(4, 3).ByRisk().Ensemble;
        using var manager = new ShardManager(SmallRecipes.Key(), options);

        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(0, manager.Assign($"{i}", "high").Shard.Value));
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 100).Select(i => manager.Assign($"{i}", "low").Shard.Value).Distinct().Order());
        Assert.Contains("high, low", Assert.Throws<CorpusException>(() => manager.Assign("1", "medium")).Message, StringComparison.Ordinal);
        Assert.Throws<CorpusException>(() => manager.Assign("1"));
    }

    [Fact]
    public void A_risk_class_stays_in_its_slices_by_the_word_of_the_hash_that_decides_without_them()
    {
        var options = SmallRecipes.Text(4, 6).ByLateRisk().Ensemble;
        using var manager = new ShardManager(SmallRecipes.Key(), options);
        using var plain = new ShardManager(SmallRecipes.Key(), options with { RiskClasses = new Dictionary<string, RiskClass>(StringComparer.Ordinal), Slices = 3 });
        string[] subjects = [.. Enumerable.Range(0, 300).Select(i => $"{i}")];

        // Scaled onto three slices, which are those from 4 on.
        Assert.All(subjects, s => Assert.Equal(3 + plain.Assign(s).Slice.Value, manager.Assign(s, "high").Slice.Value));
        Assert.Equal([4, 5, 6], subjects.Select(s => manager.Assign(s, "high").Slice.Value).Distinct().Order());
        Assert.Equal([1, 2, 3, 4, 5, 6], subjects.Select(s => manager.Assign(s, "low").Slice.Value).Distinct().Order());
    }

    [Fact]
    public void Slices_are_taken_in_the_order_declared()
    {
        var options = new EnsembleOptions { Shards = 1, Slices = 4, RiskClasses = new Dictionary<string, RiskClass>(StringComparer.Ordinal) { ["a"] = new([0]) { Slices = [2, 4] }, ["b"] = new([0]) { Slices = [4, 2] } } };
        using var manager = new ShardManager(SmallRecipes.Key(), options);

        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(6, manager.Assign($"{i}", "a").Slice.Value + manager.Assign($"{i}", "b").Slice.Value));
    }

    [Fact]
    public void What_no_class_may_use_is_said()
    {
        static IReadOnlyList<string> Unused(params RiskClass[] classes) => PlacementRule.Unused(new EnsembleOptions
        {
            Shards = 3,
            Slices = 3,
            RiskClasses = classes.Select((c, i) => ($"{i}", c)).ToDictionary(c => c.Item1, c => c.c, StringComparer.Ordinal),
        });

        Assert.Empty(Unused());
        Assert.Empty(Unused(new RiskClass([0]) { Slices = [3] }, new RiskClass([1, 2])));
        Assert.Equal(
            ["No risk class uses shard 0, 2. It stays empty, and its model abstains.", "No risk class uses slice 1. It stays empty, and its stage trains on the earlier slices."],
            Unused(new RiskClass([1]) { Slices = [3] }, new RiskClass([1]) { Slices = [2] }));
    }

    [Fact]
    public void Placements_are_all_of_the_ensemble_in_order()
    {
        using var manager = new ShardManager(SmallRecipes.Key(), new EnsembleOptions { Shards = 2, Slices = 3 });

        Assert.Equal(
            ["shard-000/slice-01", "shard-000/slice-02", "shard-000/slice-03", "shard-001/slice-01", "shard-001/slice-02", "shard-001/slice-03"],
            manager.Placements.Select(p => p.ToString()));
        Assert.Equal(manager.Placements, manager.Placements.Reverse().Order());
    }
}
