using Sisa.Engine.Training;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>Observes the life of requests, in the order of the steps. An exception ends the call; durable work remains.</summary>
public interface IRequestObserver
{
    /// <summary>Requests are about to be received.</summary>
    /// <param name="isRetrainedAtOnce">Whether retraining follows, so that workers may start meanwhile.</param>
    void Begins(bool isRetrainedAtOnce);

    /// <summary>Requests are received, and nothing that is served has seen what they name.</summary>
    /// <param name="outcomes">The outcome of each.</param>
    void Received(ForgetOutcomes outcomes);

    /// <summary>Nothing is to be forgotten: what they name is not there, or was forgotten before. The requests are recorded as such.</summary>
    /// <param name="outcomes">The outcome of each.</param>
    /// <param name="unfinished">Earlier requests that named it and are not finished; the call goes on with them.</param>
    void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished);

    /// <summary>Retraining is about to begin.</summary>
    /// <returns>The observer of the training, or <see langword="null"/>.</returns>
    ITrainingProgress? Retrains();

    /// <summary>Retraining is over, or left to another run; figures of before the request are as complete as they will be.</summary>
    /// <param name="outcomes">The outcome of each.</param>
    void Measured(ForgetOutcomes outcomes);
}
