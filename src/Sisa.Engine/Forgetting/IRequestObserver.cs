using Sisa.Engine.Training;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>Is told of the life of requests, in the order of the steps. Whatever it throws ends the call; what is durable by then stays.</summary>
public interface IRequestObserver
{
    /// <summary>Requests are about to be received.</summary>
    /// <param name="isRetrainedAtOnce">Whether retraining follows, so that workers may start meanwhile.</param>
    void Begins(bool isRetrainedAtOnce);

    /// <summary>Requests are received, and nothing that is served has seen what they name.</summary>
    /// <param name="outcomes">What became of each.</param>
    void Received(ForgetOutcomes outcomes);

    /// <summary>Nothing is to be forgotten: what they name is not there, or was forgotten before. The requests are recorded as such.</summary>
    /// <param name="outcomes">What became of each.</param>
    /// <param name="unfinished">Earlier requests that named it and are not finished; the call goes on with them.</param>
    void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished);

    /// <summary>Retraining is about to begin.</summary>
    /// <returns>Who is told of it, or <see langword="null"/> for nobody.</returns>
    ITrainingProgress? Retrains();

    /// <summary>Retraining is over, or left to another run; figures of before the request are as complete as they will be.</summary>
    /// <param name="outcomes">What became of each.</param>
    void Measured(ForgetOutcomes outcomes);
}
