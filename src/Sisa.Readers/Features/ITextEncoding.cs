namespace Sisa.Readers.Features;

/// <summary>A way to cut text into token numbers.</summary>
/// <remarks>Not thread-safe: implementations reuse their buffers.</remarks>
internal interface ITextEncoding
{
    /// <summary>Cuts a text.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    /// <param name="tokens">Receives the first tokens, in order of appearance.</param>
    /// <returns>Number of tokens written.</returns>
    int Encode(ReadOnlySpan<byte> utf8, Span<int> tokens);
}
