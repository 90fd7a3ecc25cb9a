using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Training;
using Sisa.Serving.Measuring;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary>Tells the life of requests as it happens, and hands over what requesters get.</summary>
/// <param name="view">Tells the steps.</param>
/// <param name="copies">What requesters get.</param>
/// <param name="meter">Measures what forgetting did.</param>
/// <param name="startWorkers">Tells workers what they will train.</param>
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
        copies.Tell(outcomes, output);
    }

    /// <inheritdoc/>
    public void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished)
    {
        view.Nothing(outcomes, unfinished);
        copies.Tell(outcomes, output);
    }

    /// <inheritdoc/>
    public ITrainingProgress Retrains() => _training = new TrainingView(output);

    /// <inheritdoc/>
    public void Measured(ForgetOutcomes outcomes)
    {
        _training?.Dispose();
        copies.Complete(outcomes, meter);
    }

    /// <inheritdoc/>
    public void Dispose() => _training?.Dispose();
}
