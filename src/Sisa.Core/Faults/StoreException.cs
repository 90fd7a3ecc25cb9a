namespace Sisa.Faults;

/// <summary>A store, or a file in it, is missing, damaged, of another version, or not what the manifest records.</summary>
/// <param name="message">What, which, found, expected.</param>
/// <param name="remedy">What the reader can do about the fault.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class StoreException(string message, Remedy? remedy, Exception? innerException = null) : SisaException(message, remedy, innerException)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Data;
}
