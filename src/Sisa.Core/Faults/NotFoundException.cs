namespace Sisa.Faults;

/// <summary>The answer is no: nothing of that name, nothing to do it with.</summary>
/// <param name="message">What was looked for and where.</param>
/// <param name="remedy">What the reader can do about it.</param>
public sealed class NotFoundException(string message, Remedy? remedy) : SisaException(message, remedy)
{
    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.NotFound;
}
