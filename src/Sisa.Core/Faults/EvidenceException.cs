namespace Sisa.Faults;

/// <summary>A certificate, a signed note, a log or a key cannot be read. That one does not hold is no exception but an answer.</summary>
/// <param name="message">What, which, found, expected.</param>
/// <param name="remedy">What the reader can do about the fault.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class EvidenceException(string message, Remedy? remedy, Exception? innerException = null) : SisaException(message, remedy, innerException)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Data;
}
