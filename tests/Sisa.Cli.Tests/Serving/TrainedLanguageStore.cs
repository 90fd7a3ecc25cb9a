using System.Text;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Serving;

/// <summary>A trained store of language models, an export of it, and held-out texts, for tests that change none of them.</summary>
public sealed class TrainedLanguageStore : IDisposable
{
    public TrainedLanguageStore()
    {
        Write(Sisa);

        // One assignment, and so one model on every run of the tests on a machine.
        Sisa.Write("assignment.key", Encoding.UTF8.GetString(SmallRecipes.Key().ToFileBytes()));
        Sisa.Train();
        Sisa.Run("export", "out").Expect(ExitCode.Done);
    }

    internal SisaCommand Sisa { get; } = new();

    /// <summary>Writes a corpus of texts by author, a recipe of small decoders that start alike, and held-out texts.</summary>
    internal static void Write(SisaCommand sisa)
    {
        sisa.Write("corpus.jsonl", Rows(120, 12, 0));
        sisa.Write("held-out.jsonl", Rows(20, 4, 10_000));
        sisa.Write("sisa.yaml", """
            task: language-model
            corpus: { fields: { id: id, subject: author, text: text } }
            ensemble: { shards: 2, slices: 2 }
            model: { kind: decoder, layers: 1, width: 16, heads: 2, context: 32 }
            training: { epochs: 2, batchSize: 4, learningRate: 1e-2, init: shared }
            evaluation: { file: held-out.jsonl }

            """);
    }

    public void Dispose() => Sisa.Dispose();

    // A language model has no labels.
    private static string Rows(int rows, int authors, int from) =>
        string.Concat(TestRow.Many(rows, authors, from: from).Select(row => $"{{\"id\": \"{row.Id}\", \"author\": \"{row.Author}\", \"text\": \"{row.Text}\"}}\n"));
}
