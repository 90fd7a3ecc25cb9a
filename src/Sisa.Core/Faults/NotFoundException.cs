namespace Sisa.Faults;

/// <summary>The answer is no: nothing of that name, nothing to do it with.</summary>
/// <param name="message">What was searched for, and where.</param>
/// <param name="remedy">What the reader can do about the fault.</param>
public sealed class NotFoundException(string message, Remedy? remedy) : SisaException(message, remedy)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.NotFound;
}
