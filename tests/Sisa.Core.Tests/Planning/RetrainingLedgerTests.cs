using System.Text;
using Sisa.Planning;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Core.Tests.Planning;

public sealed class RetrainingLedgerTests
{
    private static readonly Recipe Recipe = new()
    {
        Ensemble = new EnsembleOptions { Shards = 3, Slices = 4 },
        Training = new TrainingOptions { Epochs = 6, Seed = 5 },
    };

    [Fact]
    public void Stage_k_visits_the_items_of_slices_up_to_k()
    {
        var ledger = new RetrainingLedger(3, 4, new ExpectedVisits(new StageSchedule(Recipe)));
        ledger.Add(Place(1, 2), "a"u8);
        ledger.Add(Place(1, 4), "b"u8);

        // 2 · 6 / (4 + 1) epochs a stage.
        Assert.Equal([0, 2.4, 2.4, 4.8], Enumerable.Range(1, 4).Select(k => ledger.VisitsOf(Place(1, k))));
        Assert.Equal(9.6, ledger.FullVisits, 1e-12);
    }

    [Fact]
    public void Each_shard_is_retrained_once_from_the_first_slice_that_changed()
    {
        var ledger = new RetrainingLedger(3, 4, new ExpectedVisits(new StageSchedule(Recipe)));
        ledger.Add(Place(0, 1), "a"u8);
        ledger.Add(Place(2, 1), "b"u8);

        Assert.Equal(new RetrainingWork(1, 2, 4.8), ledger.Retrain([Place(0, 4), Place(0, 3), Place(0, 3)]));
        Assert.Equal(new RetrainingWork(2, 5, 2.4 + (4 * 2.4)), ledger.Retrain([Place(0, 4), Place(2, 1)]));
        Assert.Equal(default, ledger.Retrain([]));
    }

    [Fact]
    public void What_was_struck_is_visited_no_more_and_a_copy_keeps_it()
    {
        var ledger = new RetrainingLedger(3, 4, new ExactVisits(Recipe));
        ledger.Add(Place(1, 1), "a"u8);
        ledger.Add(Place(1, 1), "b"u8);
        var copy = ledger.Copy();
        var full = ledger.FullVisits;
        ledger.Remove(Place(1, 1), "a"u8);

        Assert.True(ledger.FullVisits < full);
        Assert.Equal(full, copy.FullVisits);
        ledger.Remove(Place(1, 1), "b"u8);
        Assert.Equal(0, ledger.FullVisits);
    }

    [Fact]
    public void Exact_visits_are_those_of_the_epochs_that_training_orders()
    {
        ReadOnlyMemory<byte>[] ids = [.. Enumerable.Range(0, 500).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"item-{i}"))];
        var ledger = new RetrainingLedger(3, 4, new ExactVisits(Recipe));
        for (var i = 0; i < ids.Length; i++)
        {
            ledger.Add(Place(2, 1 + (i % 4)), ids[i].Span);
        }

        var order = new ItemOrder(Recipe.Training.Seed, new ShardId(2));
        for (var stage = 1; stage <= 4; stage++)
        {
            ReadOnlyMemory<byte>[] prefix = [.. ids.Where((_, i) => i % 4 < stage)];
            var visits = new StageSchedule(Recipe).Epochs.Select((fraction, epoch) => order.Epoch(new SliceIndex(stage), epoch, fraction, prefix).Length).Sum();
            Assert.Equal(visits, ledger.VisitsOf(Place(2, stage)));
        }
    }

    private static Placement Place(int shard, int slice) => new(new ShardId(shard), new SliceIndex(slice));
}
