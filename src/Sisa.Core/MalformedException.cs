namespace Sisa;

/// <summary>Bytes are not of the form that they have to be. Unlike the runtime's exceptions for this, its message is the project's own and may be shown to a person.</summary>
/// <param name="message">What is wrong: a sentence, or the second half of one.</param>
/// <param name="innerException">What the runtime said.</param>
public sealed class MalformedException(string message, Exception? innerException = null) : FormatException(message, innerException);
