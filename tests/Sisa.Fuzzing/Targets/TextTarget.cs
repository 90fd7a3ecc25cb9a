using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Fuzzing.Targets;

/// <summary>Plain text: an item a line, and an item a file.</summary>
internal sealed class TextTarget() : CorpusTarget("text", "world.txt", Lines, Lines with { Corpus = Lines.Corpus with { TextUnit = TextUnit.File } })
{
    private static Recipe Lines { get; } = CorpusRecipes.PlainText with
    {
        Corpus = new CorpusOptions { Format = CorpusFormat.Text, Fields = new FieldOptions { Text = ["text"], Label = "file" }, MaxFieldBytes = 4096 },
        Labels = ["world.txt", "sports"],
    };

    public override IReadOnlyList<byte[]> Tokens { get; } = Words("\n", "\r\n", "\r", "\uFEFF", "\u00e9", "\U0001F600", " ", "\t", "\0", "\u0085", "\u00df", "\u0130", "e\u0301", "\u4e2d\u6587");

    public override IEnumerable<byte[]> Seeds() => Words("one line\nanother, with \u00e9\u00df and \u4e2d\u6587\r\n\r\n   \nlast", "\uFEFFbyte order mark\n");
}
