namespace Sisa.Faults;

/// <summary>Something in the world (a file, a row, a store, a device) is not as it must be.</summary>
/// <remarks>Bugs of the caller are argument exceptions instead. The message names no command, option or address: what to do stands in <see cref="Remedy"/>, and each
/// face of the program puts that, and <see cref="Kind"/>, into its own words.</remarks>
public abstract class SisaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What, which, found, expected, as a sentence with its full stop.</param>
    /// <param name="remedy">What the reader can do about the fault, or <see langword="null"/>.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    protected SisaException(string message, Remedy? remedy, Exception? innerException = null)
        : base(message, innerException) => Remedy = remedy;

    /// <summary>What the reader can do about the fault; <see langword="null"/> if nothing helps.</summary>
    public Remedy? Remedy { get; }

    /// <summary>The kind of the fault, which decides the exit code of a command and the status of an answer.</summary>
    public abstract FaultKind Kind { get; }
}
