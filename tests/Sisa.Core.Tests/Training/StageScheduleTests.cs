using CsCheck;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests.Training;

public sealed class StageScheduleTests
{
    [Fact]
    public void Fifty_slices_and_twenty_epochs_train_four_fifths_of_an_epoch_a_stage()
    {
        var schedule = Schedule(20, 50);

        Assert.Equal(40.0 / 51, schedule.EpochsPerStage, 12);
        Assert.Equal([40.0 / 51], schedule.Epochs);
    }

    [Theory]
    [InlineData(3, 2, new[] { 1.0, 1.0 })]
    [InlineData(4, 3, new[] { 1.0, 1.0 })]
    [InlineData(5, 1, new[] { 1.0, 1.0, 1.0, 1.0, 1.0 })]
    [InlineData(3, 3, new[] { 1.0, 0.5 })]
    [InlineData(0.5, 1, new[] { 0.5 })]
    public void Whole_epochs_come_first_and_the_rest_last(double epochs, int slices, double[] expected) => Assert.Equal(expected, Schedule(epochs, slices).Epochs);

    [Fact]
    public void Visits_of_equal_slices_add_up_to_the_declared_epochs() => Gen.Select(Gen.Double[0.1, 40], Gen.Int[1, 60]).Sample((epochs, slices) =>
    {
        var schedule = Schedule(epochs, slices);
        var passes = Enumerable.Range(1, slices).Sum(k => schedule.Epochs.Sum() * k / slices);
        return Math.Abs(passes - epochs) < 1e-6;
    });

    [Fact]
    public void The_learning_rate_follows_stages_and_not_the_length_of_the_shard()
    {
        // The step and the number of steps of its own stage are all that it is told: the middle of a stage is the middle.
        var schedule = Schedule(4, 4, ScheduleKind.Cosine);

        Assert.Equal(schedule.LearningRate(new SliceIndex(2), 5, 10), schedule.LearningRate(new SliceIndex(2), 500, 1000));
        Assert.Equal(0.1, schedule.LearningRate(SliceIndex.First, 0, 10), 12);
        Assert.Equal(0.05, schedule.LearningRate(new SliceIndex(3), 0, 7), 12);
        Assert.InRange(schedule.LearningRate(new SliceIndex(4), 99, 100), 0, 0.0001);
    }

    [Fact]
    public void A_constant_rate_is_constant_after_the_warm_up()
    {
        var schedule = Schedule(4, 4, ScheduleKind.Constant, 0.25);

        Assert.All(Enumerable.Range(2, 3), stage => Assert.Equal(0.1, schedule.LearningRate(new SliceIndex(stage), 3, 10)));
        Assert.InRange(schedule.LearningRate(SliceIndex.First, 0, 10), 1e-9, 0.01);
        Assert.Equal(0.1 * 0.55, schedule.LearningRate(SliceIndex.First, 5, 10), 12);
    }

    [Fact]
    public void The_rate_rises_through_the_warm_up_and_falls_behind_it()
    {
        var schedule = Schedule(4, 4, ScheduleKind.Cosine, 0.5);
        double[] rates = [.. Enumerable.Range(1, 4).SelectMany(stage => Enumerable.Range(0, 10).Select(step => schedule.LearningRate(new SliceIndex(stage), step, 10)))];

        Assert.Equal(rates[..20].Order(), rates[..20]);
        Assert.Equal(rates[20..].OrderDescending(), rates[20..]);
        Assert.Equal(0.1, rates[20], 12);
        Assert.All(rates, rate => Assert.InRange(rate, 0, 0.1));
    }

    private static StageSchedule Schedule(double epochs, int slices, ScheduleKind kind = ScheduleKind.Constant, double warmup = 0)
    {
        var recipe = SmallRecipes.Text(1, slices);
        return new StageSchedule(recipe with { Training = recipe.Training with { Epochs = epochs, Schedule = kind, Warmup = warmup, LearningRate = 0.1 } });
    }
}
