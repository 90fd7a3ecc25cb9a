namespace Sisa.Faults;

/// <summary>A folder of open weights or of a tokenizer cannot be used: a file is missing or malformed, or describes what Sisa does not build.</summary>
/// <param name="message">What, which, found, expected.</param>
/// <param name="remedy">What the reader can do about the fault.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class OpenWeightsException(string message, Remedy? remedy, Exception? innerException = null) : SisaException(message, remedy, innerException)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Data;
}
