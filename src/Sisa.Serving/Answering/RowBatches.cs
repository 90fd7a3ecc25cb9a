using System.Runtime.ExceptionServices;
using Sisa.Corpora;

namespace Sisa.Serving.Answering;

/// <summary>Cuts rows into batches that depend only on the rows, never on their time of arrival: the same rows get the same answers to the last digit.</summary>
/// <typeparam name="T">What the caller keeps of a row.</typeparam>
/// <param name="items">The rows; each is copied before the next is asked for.</param>
/// <param name="keep">Copies what is kept.</param>
/// <param name="size">Rows a batch. The last batch, a batch before an unreadable row, and a batch that grew too large have fewer.</param>
/// <param name="weigh">How large a row is.</param>
/// <param name="mostWeight">Size with which a batch ends.</param>
/// <remarks>Not thread-safe. Who was cancelled while waiting reads no further: the read in hand goes on until the process ends.</remarks>
public sealed class RowBatches<T>(IEnumerable<Item> items, Func<Item, T> keep, int size, Func<T, long> weigh, long mostWeight)
{
    private readonly IEnumerator<Item> _rows = items.GetEnumerator();
    private ExceptionDispatchInfo? _fault;

    /// <summary>Cuts rows by their number only.</summary>
    /// <param name="items">The rows; each is copied before the next is asked for.</param>
    /// <param name="keep">Copies what is kept.</param>
    /// <param name="size">Rows a batch.</param>
    public RowBatches(IEnumerable<Item> items, Func<Item, T> keep, int size)
        : this(items, keep, size, _ => 0, long.MaxValue)
    {
    }

    /// <summary>The next batch; empty at the end.</summary>
    /// <param name="cancellation">Ends the wait, also while a read of standard input or of a pipe blocks, which nothing else can end.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="CorpusException">The row after the last batch cannot be read.</exception>
    public IReadOnlyList<T> Next(CancellationToken cancellation) => Task.Run(Read, CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();

    /// <summary>All batches.</summary>
    /// <param name="cancellation">Ends the wait for the next one.</param>
    public IEnumerable<IReadOnlyList<T>> All(CancellationToken cancellation)
    {
        while (Next(cancellation) is { Count: > 0 } batch)
        {
            yield return batch;
        }
    }

    private List<T> Read()
    {
        _fault?.Throw();
        var batch = new List<T>();
        long weight = 0;
        try
        {
            while (batch.Count < size && weight < mostWeight && _rows.MoveNext())
            {
                batch.Add(keep(_rows.Current));
                weight += weigh(batch[^1]);
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
