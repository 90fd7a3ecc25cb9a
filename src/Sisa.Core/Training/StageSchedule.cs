using Sisa.Sharding;

namespace Sisa.Training;

/// <summary>The epochs and learning rate of each stage, constants of the recipe only (rule E4).</summary>
/// <remarks>Immutable and thread-safe. Every stage trains on slices 1 … k for 2·epochs / (R + 1) epochs, fractions allowed:
/// Bourtoule et al. 2021, section V, e' = 2R/(R+1)·e spread evenly over R stages. For slices of equal size the visits add up to
/// <c>epochs</c> passes over the shard.</remarks>
public sealed class StageSchedule
{
    private readonly TrainingOptions _training;
    private readonly int _slices;

    /// <summary>Creates the schedule.</summary>
    /// <param name="recipe">Its <c>training</c> and <c>ensemble.slices</c> are read.</param>
    public StageSchedule(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        _training = recipe.Training;
        _slices = recipe.Ensemble.Slices;
        EpochsPerStage = 2 * _training.Epochs / (_slices + 1);
    }

    /// <summary>Epochs that each stage trains; the same for all, not a whole number in general.</summary>
    public double EpochsPerStage { get; }

    /// <summary>The epochs of a stage as shares of participating items: 1, 1, …, and the remaining fraction.</summary>
    public IReadOnlyList<double> Epochs
    {
        get
        {
            var whole = (int)Math.Floor(EpochsPerStage);
            var rest = EpochsPerStage - whole;
            var epochs = Enumerable.Repeat(1.0, whole).ToList();
            if (rest > 1e-9)
            {
                epochs.Add(rest);
            }

            return epochs;
        }
    }

    /// <summary>The learning rate of one step.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="step">The step within the stage, from 0.</param>
    /// <param name="stepsInStage">Steps of the stage: a function of the items of slices 1 … stage only.</param>
    /// <remarks>The horizon is the number of stages, never the number of steps of the shard, which would reveal later slices.
    /// Progress is (stage − 1 + step / stepsInStage) / R.</remarks>
    public double LearningRate(SliceIndex stage, int step, int stepsInStage)
    {
        var progress = (stage.Value - 1 + ((double)step / stepsInStage)) / _slices;
        if (progress < _training.Warmup)
        {
            // The first step of a warm-up is not idle: half a step's worth of progress is added.
            return _training.LearningRate * Math.Min(1, (progress + (0.5 / stepsInStage / _slices)) / _training.Warmup);
        }

        return _training.Schedule switch
        {
            ScheduleKind.Cosine => _training.LearningRate * 0.5 * (1 + CosinePi((progress - _training.Warmup) / (1 - _training.Warmup))),
            _ => _training.LearningRate,
        };
    }

    // cos(πx) for x in [0, 1] by its series, to about 1e-15. Math.Cos is the C library's, and libraries differ in the last bit;
    // multiplications and additions of doubles do not.
    private static double CosinePi(double x)
    {
        if (x > 0.5)
        {
            return -CosinePi(1 - x);
        }

        var square = Math.PI * x * (Math.PI * x);
        var sum = 1.0;
        for (var k = 11; k >= 1; k--)
        {
            sum = 1 - (square / ((2 * k) * ((2 * k) - 1)) * sum);
        }

        return sum;
    }
}
