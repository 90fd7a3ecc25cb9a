using System.Text;
using Sisa.Training;
using Library = Microsoft.ML.Tokenizers;

namespace Sisa.Readers.Tokenizers;

/// <summary>A pre-trained tiktoken encoding, which ships with the program.</summary>
/// <param name="tokenizer">The library's tokenizer.</param>
/// <param name="numbers">Its token numbers.</param>
internal sealed class LibraryTokenizer(Library.TiktokenTokenizer tokenizer, TokenNumbers numbers) : Tokenizer(numbers)
{
    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens) => tokens.AddRange(tokenizer.EncodeToIds(Encoding.UTF8.GetString(utf8)));

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Bytes(int token) => token == Numbers.End ? default : Encoding.UTF8.GetBytes(tokenizer.Decode([token]));
}
