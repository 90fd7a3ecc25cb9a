namespace Sisa.Faults;

/// <summary>Work was interrupted after its last durable step; the same command goes on from there.</summary>
/// <param name="message">What was interrupted, and how far it came.</param>
/// <param name="remedy">How to resume.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class InterruptedException(string message, Remedy? remedy, Exception? innerException = null) : SisaException(message, remedy, innerException)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Interrupted;
}
