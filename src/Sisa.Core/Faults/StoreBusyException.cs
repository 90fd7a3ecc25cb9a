namespace Sisa.Faults;

/// <summary>Another process holds the store.</summary>
/// <param name="message">Which store, and who holds it as far as is known.</param>
/// <param name="remedy">What the reader can do about the fault.</param>
public sealed class StoreBusyException(string message, Remedy? remedy) : SisaException(message, remedy)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Busy;
}
