namespace Sisa.Faults;

/// <summary>A device, native library or version that the recipe asks for is not there.</summary>
/// <param name="message">What was required, and what was found.</param>
/// <param name="remedy">What the reader can do about the fault.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class EnvironmentException(string message, Remedy? remedy, Exception? innerException = null) : SisaException(message, remedy, innerException)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Unavailable;
}
