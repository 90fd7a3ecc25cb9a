using System.Globalization;
using Sisa.Training;

namespace Sisa.Faults;

/// <summary>Training diverged: a loss or a weight is not a finite number any more. Nothing of the stage was recorded.</summary>
/// <param name="divergence">Where, and with which learning rate.</param>
public sealed class DivergenceException(Divergence divergence) : SisaException(Describe(divergence), Advice)
{
    private const string Advice =
        "Nothing was published. The previous bundle is still served, and pending requests stay as they are. Create a new store from a recipe with a lower 'training.learningRate', more 'training.warmup', or 'training.clip'.";

    /// <summary>Where training diverged, and with which learning rate.</summary>
    public Divergence Divergence { get; } = divergence;

    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Data;

    private static string Describe(Divergence divergence)
    {
        ArgumentNullException.ThrowIfNull(divergence);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Training of {divergence.Shard} diverged in stage {divergence.Stage.Value}: after step {divergence.Step} of {divergence.Steps}, {divergence.Found} is not a finite number (learning rate {divergence.LearningRate:G9}).");
    }
}
