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

    /// <summary>The losses since the last call; waits for the device.</summary>
    LossSum TakeLoss();
}

/// <summary>Losses of some predictions.</summary>
/// <param name="Nats">Their sum.</param>
/// <param name="Count">How many they are: items, or tokens of a language model.</param>
internal readonly record struct LossSum(double Nats, long Count)
{
    /// <summary>Their mean; <see langword="null"/> where there are none, or where training diverged and it is no number.</summary>
    public double? Mean => Count > 0 && double.IsFinite(Nats) ? Nats / Count : null;

    /// <summary>Both together.</summary>
    /// <param name="other">More losses.</param>
    public LossSum Plus(LossSum other) => new(Nats + other.Nats, Count + other.Count);
}
