using System.Text.Json;

namespace Sisa;

/// <summary>JSON is not of the form that it has to be. Unlike the serializer's exceptions for this, its message is the project's own and may be shown to a person.</summary>
/// <param name="message">The fault: a sentence, or the second half of one.</param>
/// <param name="innerException">The runtime's exception.</param>
public sealed class MalformedJsonException(string message, Exception? innerException = null) : JsonException(message, innerException);
