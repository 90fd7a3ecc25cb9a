using CsCheck;
using Sisa.Checkpoints;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests.Forgetting;

public sealed class ForgetPlanTests
{
    private static readonly Digest RecipeDigest = Digest.Of("recipe"u8);
    private static readonly Digest Environment = Digest.Of("environment"u8);

    private static readonly Gen<Case> Cases = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, 1_000_000]).Select((shards, slices, seed) => Case.Make(shards, slices, seed));

    [Fact]
    public void It_counts_what_retraining_stage_by_stage_visits() => Cases.Sample(c =>
    {
        var plan = c.Plan();
        var epochs = 2 * c.Recipe.Training.Epochs / (c.Slices + 1);
        double full = 0;
        foreach (var shard in Enumerable.Range(0, c.Shards))
        {
            var left = Enumerable.Range(1, c.Slices).Select(k => c.Counts[(shard, k)] - c.Removed.GetValueOrDefault((shard, k))).ToArray();
            var stages = Enumerable.Range(1, c.Slices).Select(k => left.Take(k).Sum() * epochs).ToArray();
            full += stages.Sum();
            var first = c.Touched.Keys.Where(p => p.Shard == shard).Select(p => p.Slice).DefaultIfEmpty(0).Min();
            var mine = plan.Shards.SingleOrDefault(p => p.Shard.Value == shard);
            if (first == 0)
            {
                Assert.Null(mine);
                continue;
            }

            var clean = Math.Min(first - 1, c.Trained[shard]);
            Assert.Equal((clean, c.Slices - clean), (mine!.CleanStage.Value, mine.StageCount));
            Assert.Equal(stages.Skip(clean).Sum(), mine.Visits, 6);
            Assert.Equal(c.Touched.Where(t => t.Key.Shard == shard).Sum(t => t.Value), mine.ItemCount);
        }

        Assert.Equal(full, plan.FullVisits, 6);
        Assert.InRange(plan.Share, 0, 1 + 1e-9);
        Assert.Equal(plan.Visits, plan.Share * plan.FullVisits, 6);
    });

    [Fact]
    public void Seconds_come_from_the_rate_so_far() => Cases.Sample(c =>
    {
        var plan = c.Plan();
        var visits = c.Trained.Sum();
        Assert.Equal(visits == 0 ? -1 : plan.Visits * 2, plan.Seconds ?? -1, 6);
    });

    [Fact]
    public void Of_nothing_there_is_no_share() => Assert.Equal(0, new ForgetPlan { Shards = [], FullVisits = 0 }.Share);

    [Fact]
    public void A_request_names_nothing_of_itself_and_falls_back_for_privacy()
    {
        var request = new ForgetRequest();

        Assert.Empty(request.Items);
        Assert.Empty(request.Subjects);
        Assert.Empty(request.Spans);
        Assert.Equal((ForgetReason.Privacy, ForgetPolicy.Fallback), (request.Reason, request.Policy));
    }

    private sealed record Case(
        Recipe Recipe,
        int Shards,
        int Slices,
        Dictionary<(int Shard, int Slice), long> Counts,
        Dictionary<(int Shard, int Slice), long> Removed,
        Dictionary<(int Shard, int Slice), long> Touched,
        int[] Trained)
    {
        public static Case Make(int shards, int slices, int seed)
        {
            var random = new SeededGenerator(Seeds.Derive((ulong)seed, "plan"));
            var (counts, removed, touched) = (new Dictionary<(int, int), long>(), new Dictionary<(int, int), long>(), new Dictionary<(int, int), long>());
            foreach (var place in Enumerable.Range(0, shards).SelectMany(s => Enumerable.Range(1, slices).Select(k => (s, k))))
            {
                counts[place] = random.NextInt32(6);
                if (counts[place] > 0 && random.NextInt32(3) == 0)
                {
                    touched[place] = 1 + random.NextInt32((int)counts[place]);
                    removed[place] = random.NextInt32((int)touched[place] + 1);
                }
            }

            return new Case(SmallRecipes.Text(shards, slices), shards, slices, counts, removed, touched, [.. Enumerable.Range(0, shards).Select(_ => random.NextInt32(slices + 1))]);
        }

        public ForgetPlan Plan() => ForgetPlan.Make(
            Recipe,
            RecipeDigest,
            [.. Enumerable.Range(0, Shards).Select(History)],
            Removed.ToDictionary(p => Place(p.Key.Shard, p.Key.Slice), p => p.Value),
            Touched.ToDictionary(p => Place(p.Key.Shard, p.Key.Slice), p => p.Value));

        private ShardHistory History(int shard)
        {
            SliceRoot[] slices = [.. Enumerable.Range(1, Slices).Select(k => new SliceRoot(Digest.Of([(byte)shard, (byte)k]), Counts[(shard, k)]))];
            return new ShardHistory(new ShardId(shard), slices, [.. Enumerable.Range(1, Trained[shard]).Select(k => Checkpoint(shard, k, new Lineage(slices.Take(k))))]);
        }

        // One visit in two seconds.
        private static CheckpointRecord Checkpoint(int shard, int stage, Lineage lineage) => new()
        {
            Digest = lineage.Digest,
            Place = Place(shard, stage),
            File = "file",
            Tensors = default,
            Lineage = lineage.Digest,
            Recipe = RecipeDigest,
            Environment = ForgetPlanTests.Environment,
            ItemCount = lineage.ItemCount,
            SizeBytes = 1,
            Visits = 1,
            Seconds = 2,
        };

        private static Placement Place(int shard, int slice) => new(new ShardId(shard), new SliceIndex(slice));
    }
}
