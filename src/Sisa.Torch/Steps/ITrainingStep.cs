using Sisa.Torch.Data;

namespace Sisa.Torch.Steps;

/// <summary>One optimizer step on one batch, in the fastest way there is for a model on a device.</summary>
/// <remarks>Not thread-safe. The mean cross-entropy of the batch is what is minimised.</remarks>
internal interface ITrainingStep : IDisposable
{
    /// <summary>Forward, backward, update.</summary>
    /// <param name="batch">A filled batch, every item with its label.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    void Run(Batch batch, double learningRate);

    /// <summary>Sum of the losses (nats) of all items since the last call; waits for the device.</summary>
    double TakeLossSum();
}
