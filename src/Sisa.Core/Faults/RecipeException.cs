namespace Sisa.Faults;

/// <summary>The recipe is wrong. Every fault is listed, not only the first.</summary>
public sealed class RecipeException : SisaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="faults">Every fault, each naming its key and the allowed values; at least one.</param>
    /// <param name="remedy">What the reader can do about the fault.</param>
    public RecipeException(IReadOnlyList<string> faults, Remedy? remedy = null)
        : base(Describe(faults), remedy ?? $"Run {Step.PrintRecipe} to see every key with its default and meaning.") => Faults = faults;

    /// <summary>Every fault.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Recipe;

    private static string Describe(IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        return faults.Count == 1 ? $"The recipe has a fault: {faults[0]}" : $"The recipe has {faults.Count} faults:\n  " + string.Join("\n  ", faults);
    }
}
