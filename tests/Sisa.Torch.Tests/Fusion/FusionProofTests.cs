using Sisa.Models;
using Sisa.Torch.Fusion;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Fusion;

public sealed class FusionProofTests
{
    [Theory]
    [InlineData(600, 128, 100, 16, "sgd")]
    [InlineData(600, 128, 100, 16, "adamw")]
    [InlineData(64, 32, 10, 16, "momentum")]
    [InlineData(601, 127, 99, 17, "adam")]
    [InlineData(784, 256, 2, 64, "sgd-decay")]
    public void Constituents_of_some_size_come_out_alike_together_and_alone(int features, int hidden, int classes, int batchSize, string optimizer)
    {
        var proof = new FusionProof(Recipe(features, hidden, classes, batchSize).With(optimizer));

        Assert.All(new[] { 2, 3, 8 }, count => Assert.True(proof.Holds(count)));
        Assert.False(proof.Holds(1));
    }

    [Fact]
    public void Where_libtorch_adds_up_in_another_order_nobody_steps_together_and_the_files_are_equal()
    {
        // Below 400 multiplications libtorch has a loop of its own for products of several matrices, and none for products of two.
        using var bench = new Workbench();
        var recipe = Recipe(13, 7, 5, 8).With("adamw");
        var proof = new FusionProof(recipe);
        ShardJob[] jobs = [.. Enumerable.Range(0, 3).Select(shard => Workbench.Job(recipe, bench.Slices(recipe, $"shard{shard}"), bench.NewFolder(), shard))];

        Assert.False(proof.Holds(3));
        var together = Train(jobs, proof, out var shared);
        Assert.Equal(0, shared);
        Assert.Equal(jobs.SelectMany(job => Train([job], proof, out _)).Order(), together.Order());
    }

    [Fact]
    public void A_proof_leaves_no_tensor_alive()
    {
        var recipe = Recipe(40, 32, 20, 16).With("adamw");
        new FusionProof(recipe).Holds(2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        new FusionProof(recipe).Holds(2);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static List<Digest> Train(IReadOnlyList<ShardJob> jobs, FusionProof proof, out long shared)
    {
        var observer = new RecordingObserver();
        using var group = new ShardGroup(jobs, observer, TimeProvider.System, proof);
        group.Run(CancellationToken.None);
        shared = group.SharedSteps;
        return [.. observer.Results.Select(result => result.Digest)];
    }

    private static Recipe Recipe(int features, int hidden, int classes, int batchSize)
    {
        var recipe = TestRecipes.Mlp();
        return recipe with
        {
            Labels = [.. Enumerable.Range(0, classes).Select(i => $"{i}")],
            Features = new FeatureOptions { Vector = new VectorFeature("v", features, 0, 1) },
            Model = new MlpOptions { Hidden = [hidden], Activation = Activation.Tanh },
            Training = recipe.Training with { BatchSize = batchSize },
        };
    }
}
