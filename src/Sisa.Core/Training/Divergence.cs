using Sisa.Sharding;

namespace Sisa.Training;

/// <summary>Where training diverged.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Step">Steps of the stage after which it was noticed. Losses are looked at some times a second and after every epoch, weights at the end of a stage, so that it may have begun earlier.</param>
/// <param name="Steps">Steps of the stage.</param>
/// <param name="LearningRate">Learning rate of that step.</param>
/// <param name="Found">The value that is not finite: <c>the loss</c>, or the name of a checkpoint tensor.</param>
public sealed record Divergence(ShardId Shard, SliceIndex Stage, long Step, long Steps, double LearningRate, string Found);
