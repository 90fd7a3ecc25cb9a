namespace Sisa.Torch.Steps;

/// <summary>Losses of some predictions.</summary>
/// <param name="Nats">Their sum.</param>
/// <param name="Count">How many they are: items, or tokens of a language model.</param>
internal readonly record struct LossSum(double Nats, long Count)
{
    /// <summary>Their mean; <see langword="null"/> if there are none.</summary>
    public double? Mean => Count > 0 ? Nats / Count : null;

    /// <summary>Both together.</summary>
    /// <param name="other">More losses.</param>
    public LossSum Plus(LossSum other) => new(Nats + other.Nats, Count + other.Count);
}
