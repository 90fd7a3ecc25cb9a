using System.Diagnostics;
using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Training;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Quickstart;

/// <summary>Takes the time until nothing that is served has seen what a request names, and shows the retraining.</summary>
/// <param name="clock">Runs since the request was made.</param>
/// <param name="view">Shows the retraining; owned.</param>
internal sealed class FallbackClock(Stopwatch clock, TrainingView view) : IRequestObserver, IDisposable
{
    /// <summary>Seconds until the fallback was served.</summary>
    public double Seconds { get; private set; }

    /// <inheritdoc/>
    public void Begins(bool isRetrainedAtOnce)
    {
    }

    /// <inheritdoc/>
    public void Received(ForgetOutcomes outcomes) => Seconds = clock.Elapsed.TotalSeconds;

    /// <inheritdoc/>
    public void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished)
    {
    }

    /// <inheritdoc/>
    public ITrainingProgress Retrains() => view;

    /// <inheritdoc/>
    public void Measured(ForgetOutcomes outcomes) => view.Dispose();

    /// <inheritdoc/>
    public void Dispose() => view.Dispose();
}
