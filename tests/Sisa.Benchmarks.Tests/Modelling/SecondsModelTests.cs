using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Modelling;
using Sisa.Evaluation.Intervals;
using Sisa.Models;
using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Benchmarks.Tests.Modelling;

public sealed class SecondsModelTests
{
    private static readonly ForgettingWork[] Works =
    [
        .. Enumerable.Range(1, 12).Select(i => new ForgettingWork { Retrainings = 1, BusiestVisits = 10_000.0 * i * i, BusiestStages = (i * 7 % 5) + 1, ItemsRewritten = 1000.0 * (i * 3 % 7) }),
    ];

    [Fact]
    public void Known_coefficients_are_found_again()
    {
        var model = SecondsModel.Fit([.. Works.Select(w => (w, 0.7 + (6e-6 * w.BusiestVisits) + (0.003 * w.BusiestStages) + (1e-5 * w.ItemsRewritten)))]);

        Assert.Equal(0.7, model.PerRetraining, 1e-9);
        Assert.Equal(6e-6, model.PerVisit, 1e-14);
        Assert.Equal(0.003, model.PerStage, 1e-10);
        Assert.Equal(1e-5, model.PerItemRewritten, 1e-13);
        Assert.Equal(0, model.RelativeError, 1e-9);
        Assert.Equal(12, model.Measurements);
    }

    [Fact]
    public void Nothing_takes_less_than_no_time()
    {
        var model = SecondsModel.Fit([.. Works.Select(w => (w, 5 + (6e-6 * w.BusiestVisits) - (0.2 * w.BusiestStages)))]);

        Assert.Equal(0, model.PerStage);
        Assert.True(model.RelativeError > 0);
    }

    [Fact]
    public void Retrainings_one_by_one_pay_for_each_start()
    {
        var model = new SecondsModel(0.5, 1e-6, 0, 0, 10, 0.1);
        var work = new ForgettingWork { Retrainings = 8, BusiestVisits = 1e6 };

        Assert.Equal(5, model.Of(work), 1e-12);
        Assert.Equal(4, model.Interval(work).Low!.Value, 1e-12);
        Assert.Equal(6, model.Interval(work).High!.Value, 1e-12);
    }

    [Fact]
    public void Operations_of_an_mlp_are_those_of_its_products()
    {
        var recipe = new Recipe
        {
            Labels = [.. Enumerable.Range(0, 100).Select(i => $"{i}")],
            Features = new FeatureOptions { Vector = new VectorFeature("bits", 600, 0, 1) },
            Model = new MlpOptions { Hidden = [128] },
        };

        // 600 × 128 forward and for the weights, 128 × 100 also for the inputs.
        Assert.Equal(new FlopCount((2 * 2 * 600 * 128) + (3 * 2 * 128 * 100), IsExact: true), FlopCount.Of(recipe));
        Assert.False(FlopCount.Of(recipe with { Model = new TextClassifierOptions(), Features = new FeatureOptions { Text = new TextFeature() } }).IsExact);
    }

    [Fact]
    public void Checkpoints_hold_the_optimizers_state_too()
    {
        var recipe = new Recipe { Labels = ["a", "b"], Features = new FeatureOptions { Vector = new VectorFeature("x", 3, 0, 1) }, Model = new MlpOptions { Hidden = [] } };
        long Bytes(TrainingOptions training) => CheckpointSize.TensorBytes(recipe with { Training = training });

        Assert.Equal(4 * 8, Bytes(new TrainingOptions { Optimizer = OptimizerKind.Sgd }));
        Assert.Equal(8 * 8, Bytes(new TrainingOptions { Optimizer = OptimizerKind.Sgd, Momentum = 0.9 }));
        Assert.Equal(12 * 8, Bytes(new TrainingOptions { Optimizer = OptimizerKind.AdamW }));
    }

    [Fact]
    public void Intervals_are_those_of_the_textbooks()
    {
        var repeats = MeanInterval.OfRepeats([1, 2, 3]);
        Assert.Equal(2, repeats.Value);
        Assert.Equal(2 + (4.303 / Math.Sqrt(3)), repeats.High!.Value, 1e-9);
        Assert.Null(MeanInterval.OfRepeats([5]).Low);

        // Wilson's interval of 81 of 263: Newcombe 1998, table I, method 3.
        var share = ScoreInterval.OfShare(81.0 / 263, 263);
        Assert.Equal(0.2553, share.Low!.Value, 5e-5);
        Assert.Equal(0.3662, share.High!.Value, 5e-5);
    }
}
