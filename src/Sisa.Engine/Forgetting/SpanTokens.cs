using System.Runtime.InteropServices;
using Sisa.Engine.Stores;
using Sisa.Readers.Tokenizers;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>Which tokens of a document spans of its text are.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="store">The store of a language model.</param>
internal sealed class SpanTokens(Store store)
{
    private readonly Tokenizer _tokenizer = Tokenizer.Create(store.Recipe);
    private readonly OldTexts _texts = new(store);

    /// <summary>Tokens that hold a byte of a span.</summary>
    /// <param name="record">The document, with the spans.</param>
    /// <param name="spans">Targets that name spans of it.</param>
    /// <returns>Positions among the tokens of the document, marks counted; none where the tokens are not the text byte by byte.</returns>
    public IReadOnlyList<Range> Of(SliceRecord record, IReadOnlyList<TargetRow> spans)
    {
        var bytes = _texts.Bytes(record.Text, spans);
        if (bytes.Count == 0)
        {
            return [];
        }

        var tokens = MemoryMarshal.Cast<byte, int>(record.Features);
        var ends = new int[tokens.Length];
        var end = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            end += _tokenizer.Bytes(tokens[i]).Length;
            ends[i] = end;
        }

        return end == record.Text.Length ? [.. bytes.Select(range => Tokens(ends, range)).Where(range => range.Start.Value < range.End.Value)] : [];
    }

    private static Range Tokens(int[] ends, Range bytes)
    {
        var from = Array.FindIndex(ends, end => end > bytes.Start.Value);
        var last = Array.FindIndex(ends, end => end >= bytes.End.Value);
        return from..(last + 1);
    }
}
