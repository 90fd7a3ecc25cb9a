using System.Text.Json.Serialization;
using Sisa.Models;

namespace Sisa.Training;

/// <summary>How a constituent is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the shard that the whole schedule comes to for slices of equal size; spread over the stages by
    /// <see cref="StageSchedule"/>.</summary>
    public double Epochs { get; init; } = 4;

    /// <summary>Items a step; of language models, windows of <see cref="SequenceModelOptions.Context"/> tokens.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Language models: windows that are computed at a time, their gradients accumulated over the step; 0 for as many as some 512 MB of
    /// activations allow, which follows from the recipe only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int MicroBatch { get; init; }

    /// <summary>Greatest length of a step's gradient, all parameters together (Pascanu et al. 2013); 0 for no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Clip { get; init; }

    /// <summary>Language models: numbers in which matrix products are computed; weights and their updates are always 32-bit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ComputePrecision Precision { get; init; }

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>Learning rate at the top of the schedule.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>SGD: momentum; 0 for plain SGD.</summary>
    public double Momentum { get; init; }

    /// <summary>Weight decay: an L2 term for SGD and Adam, decoupled for AdamW.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Adam, AdamW: decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam, AdamW: decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Adam, AdamW: added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Course of the learning rate over the run.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Constant;

    /// <summary>Share of the run over which the learning rate rises linearly from zero, in [0, 1).</summary>
    public double Warmup { get; init; }

    /// <summary>Seed of every derived stream (rule E3).</summary>
    public ulong Seed { get; init; } = 17;

    /// <summary>Where training runs: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Whether constituents start from one initial state or each from its own.</summary>
    public InitKind Init { get; init; } = InitKind.PerShard;

    /// <summary>Intra-op threads of a worker; part of the fingerprint, since results depend on it.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>The optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with momentum where declared.</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba 2015), weight decay as an L2 term.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,
}

/// <summary>Course of the learning rate.</summary>
public enum ScheduleKind
{
    /// <summary>Constant, after the warm-up.</summary>
    Constant,

    /// <summary>Half a cosine down to zero, after the warm-up.</summary>
    Cosine,
}

/// <summary>Initial states of the constituents.</summary>
public enum InitKind
{
    /// <summary>Each shard its own.</summary>
    PerShard,

    /// <summary>One for all, which <c>weight-average</c> needs.</summary>
    Shared,
}

/// <summary>Numbers in which matrix products are computed.</summary>
public enum ComputePrecision
{
    /// <summary>32-bit floats.</summary>
    Full,

    /// <summary>bfloat16, on devices that have it.</summary>
    BFloat16,
}
