using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Training;
using Sisa.Serving.Measuring;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary>Shows the life of requests as it happens, and hands over the requesters' copies.</summary>
/// <param name="view">Shows the steps.</param>
/// <param name="copies">The requesters' copies.</param>
/// <param name="meter">Measures what forgetting did.</param>
/// <param name="startWorkers">Sends the recipe to the workers.</param>
/// <param name="output">Where to.</param>
internal sealed class ForgetTelling(IForgetView view, RequesterCopies copies, ForgettingMeter meter, Action startWorkers, Output output) : IRequestObserver, IDisposable
{
    private TrainingView? _training;

    /// <inheritdoc/>
    public void Begins(bool isRetrainedAtOnce)
    {
        if (isRetrainedAtOnce)
        {
            startWorkers();
        }
    }

    /// <inheritdoc/>
    public void Received(ForgetOutcomes outcomes)
    {
        view.Received(outcomes);
        TellCopies(outcomes);
    }

    /// <inheritdoc/>
    public void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished)
    {
        view.Nothing(outcomes, unfinished);
        TellCopies(outcomes);
    }

    /// <inheritdoc/>
    public ITrainingProgress Retrains() => _training = new TrainingView(output);

    /// <inheritdoc/>
    public void Measured(ForgetOutcomes outcomes)
    {
        _training?.Dispose();
        copies.Complete(outcomes, meter.Before);
    }

    /// <inheritdoc/>
    public void Dispose() => _training?.Dispose();

    private void TellCopies(ForgetOutcomes outcomes)
    {
        if (copies.Path is not { } path)
        {
            return;
        }

        if (outcomes.Outcomes.Any(o => o.Copy is not null))
        {
            output.Say($"The requester's copy is in {path}. Hand it over, then remove it: no other file can show which items the certificate is about.");
        }
        else if (outcomes.Outcomes.Any(o => o.AlreadyForgotten.Count > 0) && !Path.Exists(path))
        {
            output.Warn("There is no requester's copy. The named items were received before, and the copy could only be written at that receipt.");
        }
    }
}
