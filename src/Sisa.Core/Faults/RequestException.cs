namespace Sisa.Faults;

/// <summary>Requests to forget that cannot be received. The message lists the first faults, and nothing was recorded.</summary>
public sealed class RequestException : SisaException
{
    private const int MaxShown = 20;

    /// <summary>Creates the exception.</summary>
    /// <param name="faults">Every fault, each naming its request or line; at least one.</param>
    /// <param name="remedy">What the reader can do about the fault.</param>
    public RequestException(IReadOnlyList<string> faults, Remedy? remedy)
        : base(Describe(faults), remedy) => Faults = faults;

    /// <summary>Every fault.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Data;

    /// <summary>Puts faults into one message.</summary>
    /// <param name="faults">Every fault.</param>
    internal static string Describe(IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var shown = string.Join("\n  ", faults.Take(MaxShown)) + (faults.Count > MaxShown ? $"\n  … and {faults.Count - MaxShown} more." : string.Empty);
        return faults.Count == 1 ? faults[0] : $"Nothing was received, because of {faults.Count} faults:\n  {shown}";
    }
}
