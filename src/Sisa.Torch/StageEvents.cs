using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>TensorBoard event files: a few numbers per shard and stage, none per item, in a file that goes with the stage (rule E9).</summary>
internal static class StageEvents
{
    /// <summary>Writes the numbers of a stage that ended, where the job asks for them.</summary>
    /// <param name="job">The job.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="loss">Mean loss over its last epoch, in nats; see <see cref="StageResult.Loss"/>.</param>
    /// <param name="order">Its visits and steps.</param>
    /// <param name="elapsed">Its duration.</param>
    /// <param name="now">When it ended.</param>
    public static void Write(ShardJob job, SliceIndex stage, double? loss, StageOrder order, TimeSpan elapsed, DateTimeOffset now)
    {
        if (job.EventFolder is null)
        {
            return;
        }

        var events = new EventRecords(now);
        if (loss is { } nats)
        {
            events.Add("loss", (float)nats, stage.Value);
        }

        if (order.StepCount > 0)
        {
            var lastRate = new StageSchedule(job.Recipe).LearningRate(stage, order.StepCount - 1, order.StepCount);
            events.Add("learning rate", (float)lastRate, stage.Value);
            events.Add("items per second", (float)(order.Visits / elapsed.TotalSeconds), stage.Value);
        }

        // Not flushed: curves that a crash takes are drawn without them.
        DurableFile.CreateFolder(job.EventFolder);
        using var file = OwnerOnly.Open(Path.Combine(job.EventFolder, StoreLayout.EventFileName(stage)), FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(events.Bytes);
    }
}
