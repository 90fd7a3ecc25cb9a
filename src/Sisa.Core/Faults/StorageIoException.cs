namespace Sisa.Faults;

/// <summary>Reading or writing a file failed (disk full, no permission, device error).</summary>
/// <param name="message">The operation, the file, and the system's reason.</param>
/// <param name="remedy">What the reader can do about the fault.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class StorageIoException(string message, Remedy? remedy, Exception? innerException = null) : SisaException(message, remedy, innerException)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.InputOutput;
}
