using Sisa.Sharding;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch;

/// <summary>TensorBoard event files: a few numbers per shard and stage, none per item, in a folder that goes with the stage (rule E9).</summary>
internal static class StageEvents
{
    /// <summary>Writes the numbers of a stage that ended, where the job asks for them.</summary>
    /// <param name="job">The job.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="loss">Mean loss over its last epoch, in nats; see <see cref="StageResult.Loss"/>.</param>
    /// <param name="order">Its visits and steps.</param>
    /// <param name="elapsed">Its duration.</param>
    public static void Write(ShardJob job, SliceIndex stage, double? loss, StageOrder order, TimeSpan elapsed)
    {
        if (job.EventFolder is null)
        {
            return;
        }

        var folder = Path.Combine(job.EventFolder, stage.ToString());
        Directory.CreateDirectory(folder);
        var writer = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
        if (loss is { } nats)
        {
            writer.add_scalar("loss", (float)nats, stage.Value);
        }

        if (order.StepCount > 0)
        {
            var lastRate = new StageSchedule(job.Recipe).LearningRate(stage, order.StepCount - 1, order.StepCount);
            writer.add_scalar("learning rate", (float)lastRate, stage.Value);
            writer.add_scalar("items per second", (float)(order.Visits / elapsed.TotalSeconds), stage.Value);
        }
    }
}
