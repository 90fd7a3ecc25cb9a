namespace Sisa.Faults;

/// <summary>Requests have the names of earlier ones, and ask for something else. Nothing was recorded.</summary>
public sealed class RequestConflictException : SisaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="requests">Names of the requests that are taken; at least one.</param>
    /// <param name="faults">How each request differs from the earlier one.</param>
    /// <param name="remedy">What the reader can do about the fault.</param>
    public RequestConflictException(IReadOnlyList<string> requests, IReadOnlyList<string> faults, Remedy? remedy)
        : base(RequestException.Describe(faults), remedy) => (Requests, Faults) = (requests, faults);

    /// <summary>Names of the requests.</summary>
    public IReadOnlyList<string> Requests { get; }

    /// <summary>Every fault, in the same order.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Data;
}
