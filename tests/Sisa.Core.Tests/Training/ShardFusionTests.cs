using CsCheck;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Core.Tests.Training;

public sealed class ShardFusionTests
{
    [Theory]
    [InlineData("cuda", 8, 1, 8)]
    [InlineData("cuda:1", 8, 1, 8)]
    [InlineData("cuda", 8, 2, 4)]
    [InlineData("cuda", 9, 2, 5)]
    [InlineData("cuda", 2, 5, 1)]
    [InlineData("cuda", 1, 1, 1)]
    [InlineData("cpu", 8, 1, 1)]
    public void Small_models_are_trained_at_once_on_a_gpu_and_shared_between_workers(string device, int jobs, int workers, int expected) =>
        Assert.Equal(expected, ShardFusion.Together(Recipe(device, 128), jobs, workers));

    [Fact]
    public void Models_whose_step_is_not_written_for_several_are_trained_one_by_one()
    {
        var recipe = Recipe("cuda", 128) with
        {
            Features = new FeatureOptions { Text = new TextFeature(Buckets: 50, MaxTokens: 6) },
            Model = new TextClassifierOptions { Width = 8 },
        };

        Assert.Equal(1, ShardFusion.Together(recipe, 8));
    }

    [Fact]
    public void Shards_at_once_stay_within_the_bounds_and_one_more_would_not() =>
        Gen.Select(Gen.Int[1, 4096], Gen.Int[1, 512], Gen.Int[1, 2000]).Sample((hidden, batchSize, jobs) =>
        {
            var recipe = Recipe("cuda", hidden);
            recipe = recipe with { Training = recipe.Training with { BatchSize = batchSize } };
            var together = ShardFusion.Together(recipe, jobs);
            bool Fits(int shards)
            {
                var parameters = (long)(601 * hidden) + ((hidden + 1) * 100);
                var activations = (long)batchSize * (600 + hidden + 100);
                return shards * 3 * parameters * batchSize <= ShardFusion.MostMultiplyAdds
                    && shards * ((16 * parameters) + (8 * activations)) <= ShardFusion.MostBytes;
            }

            return (together == 1 || Fits(together)) && together <= jobs && (together == jobs || !Fits(together + 1));
        });

    [Fact]
    public void Nothing_to_train_and_nobody_who_trains_are_faults_of_the_caller()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ShardFusion.Together(Recipe("cuda", 8), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ShardFusion.Together(Recipe("cuda", 8), 1, 0));
    }

    private static Recipe Recipe(string device, int hidden) => new()
    {
        Labels = [.. Enumerable.Range(0, 100).Select(i => $"{i}")],
        Features = new FeatureOptions { Vector = new VectorFeature("v", 600, 0, 1) },
        Model = new MlpOptions { Hidden = [hidden] },
        Training = new TrainingOptions { BatchSize = 16, Device = device },
    };
}
