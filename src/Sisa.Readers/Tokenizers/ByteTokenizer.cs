using Sisa.Models;

namespace Sisa.Readers.Tokenizers;

/// <summary>The bytes of UTF-8 themselves: no learnt state, any language.</summary>
/// <param name="numbers">Its token numbers; a base may have more than <see cref="TokenNumbers.OfBytes"/>.</param>
internal sealed class ByteTokenizer(TokenNumbers numbers) : Tokenizer(numbers)
{
    private static readonly byte[] _all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        tokens.EnsureCapacity(tokens.Count + utf8.Length);
        foreach (var value in utf8)
        {
            tokens.Add(value);
        }
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Bytes(int token) => token < _all.Length ? _all.AsMemory(token, 1) : default;
}
