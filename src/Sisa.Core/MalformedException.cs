namespace Sisa;

/// <summary>Bytes are not of the form that they have to be. Unlike the runtime's exceptions for this, its message is the project's own and may be shown to a person.</summary>
/// <param name="message">The fault: a sentence, or the second half of one.</param>
/// <param name="innerException">The runtime's exception.</param>
public sealed class MalformedException(string message, Exception? innerException = null) : FormatException(message, innerException);
