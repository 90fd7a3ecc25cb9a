using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sisa.Corpora;
using Sisa.Fuzzing.Engine;
using Sisa.Readers;
using Sisa.Training;

namespace Sisa.Fuzzing.Targets;

/// <summary>Reads the input as a corpus file under several recipes, to train from it and to predict. What was read and is written as JSON lines reads the same.</summary>
/// <param name="name">Name of the target.</param>
/// <param name="fileName">Name of the file, whose ending tells the format.</param>
/// <param name="recipes">The recipes.</param>
internal abstract class CorpusTarget(string name, string fileName, params Recipe[] recipes) : FuzzTarget(name)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Bad rows that are passed over before one ends the reading: enough to go on behind them, few enough not to look at bad rows alone.</summary>
    private const int ToleratedFaults = 3;

    /// <summary>Folder of the file.</summary>
    protected ScratchFolder Folder { get; } = new();

    public override int MaxBytes => 4 * 1024;

    protected override void Run(byte[] input)
    {
        var path = Folder.Write(fileName, input);
        foreach (var recipe in recipes)
        {
            foreach (var forPrediction in (ReadOnlySpan<bool>)[false, true])
            {
                var faults = 0;
                try
                {
                    Read(path, recipe, new ReadOptions { ForPrediction = forPrediction, OnFault = _ => ++faults <= ToleratedFaults, OnNotice = _ => { } });
                }
                catch (Exception e) when (IsDocumented(e))
                {
                    // The next recipe sees the same file in another way.
                    continue;
                }
            }
        }
    }

    protected override bool IsDocumented(Exception e) => e is CorpusException or StorageIoException;

    protected override void Dispose(bool disposing)
    {
        Folder.Dispose();
        base.Dispose(disposing);
    }

    private void Read(string path, Recipe recipe, ReadOptions options)
    {
        var lines = new StringBuilder();
        var rows = new List<(string Id, string Subject, int Label, string Text, byte[] Features)>();
        var isRewritten = ReferenceEquals(recipe, CorpusRecipes.PlainText) && !options.ForPrediction && !OnlyReads;
        foreach (var item in CorpusReader.Read(path, recipe, options))
        {
            Check(item.Id.Length > 0 && item.Subject.Length > 0, "an item has an id and a subject");
            Check(options.ForPrediction || (item.Label >= 0 && item.Label < recipe.Labels.Count), "an item has a declared label");
            if (isRewritten)
            {
                rows.Add(Copy(item));
                lines.Append(JsonSerializer.Serialize(new { id = item.Id, author = item.Subject, text = Encoding.UTF8.GetString(item.Text.Span), topic = recipe.Labels[item.Label] }, Json)).Append('\n');
            }
        }

        if (rows.Count == 0)
        {
            return;
        }

        var index = 0;
        using var again = new MemoryStream(Encoding.UTF8.GetBytes(lines.ToString()));
        foreach (var item in CorpusReader.Read(again, "again", recipe))
        {
            var (expected, found) = (rows[index++], Copy(item));
            Check(
                (expected.Id, expected.Subject, expected.Label, expected.Text) == (found.Id, found.Subject, found.Label, found.Text) && expected.Features.AsSpan().SequenceEqual(found.Features),
                "what was read and written again reads the same");
        }

        Check(index == rows.Count, "as many items as were written");
    }

    private static (string Id, string Subject, int Label, string Text, byte[] Features) Copy(Item item) =>
        (item.Id, item.Subject, item.Label, Encoding.UTF8.GetString(item.Text.Span), item.Features.ToArray());
}
