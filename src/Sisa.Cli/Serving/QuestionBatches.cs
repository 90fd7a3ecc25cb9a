using System.Runtime.ExceptionServices;
using Sisa.Corpora;

namespace Sisa.Cli.Serving;

/// <summary>Cuts rows into batches that follow from the rows alone, never from when they arrive: the same rows get the same answers to the last digit.</summary>
/// <param name="items">The rows; each is copied before the next is asked for.</param>
/// <param name="size">Rows a batch; only the last one, and one before a row that cannot be read, have fewer.</param>
/// <remarks>Not thread-safe. Who was cancelled while waiting reads no further: the read in hand goes on until the process ends.</remarks>
internal sealed class QuestionBatches(IEnumerable<Item> items, int size)
{
    private readonly IEnumerator<Item> _rows = items.GetEnumerator();
    private ExceptionDispatchInfo? _fault;

    /// <summary>The next batch; empty at the end.</summary>
    /// <param name="cancellation">Ends the wait, also while a read of standard input or of a pipe blocks, which nothing else can end.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="CorpusException">The row after the last batch cannot be read.</exception>
    public IReadOnlyList<Question> Next(CancellationToken cancellation) => Task.Run(Read, CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();

    private List<Question> Read()
    {
        _fault?.Throw();
        var batch = new List<Question>();
        try
        {
            while (batch.Count < size && _rows.MoveNext())
            {
                batch.Add(Question.Of(_rows.Current));
            }
        }
        catch (Exception e) when (batch.Count > 0 && e is (SisaException or IOException))
        {
            // The rows before it are answered first.
            _fault = ExceptionDispatchInfo.Capture(e);
        }

        return batch;
    }
}
