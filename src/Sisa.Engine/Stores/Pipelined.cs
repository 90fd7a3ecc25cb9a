namespace Sisa.Engine.Stores;

/// <summary>Work in batches: while one is recorded, other threads do the work of the next.</summary>
/// <remarks>The manifest is for one thread: batches are read and recorded by the caller's, in their order, and never while another one of the same call is.</remarks>
internal static class Pipelined
{
    /// <summary>Takes batches through all steps.</summary>
    /// <typeparam name="TBatch">Data of a batch.</typeparam>
    /// <typeparam name="TResult">Result of the work on a batch.</typeparam>
    /// <param name="batches">The batches; read one ahead, by the caller's thread.</param>
    /// <param name="work">The work of a batch, on another thread.</param>
    /// <param name="record">Records a batch, on the caller's thread.</param>
    /// <param name="degree">Threads; with one, a batch is recorded before the work of the next begins.</param>
    /// <param name="cancellation">Stops between batches. Recorded work remains; other work is repeated by the next call.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Run<TBatch, TResult>(IEnumerable<TBatch> batches, Func<TBatch, TResult> work, Action<TResult> record, int degree, CancellationToken cancellation)
    {
        var running = default(Task<TResult>);
        try
        {
            foreach (var batch in batches)
            {
                cancellation.ThrowIfCancellationRequested();
                if (degree == 1)
                {
                    record(work(batch));
                    continue;
                }

                var before = running;
                running = Task.Run(() => work(batch), CancellationToken.None);
                if (before is not null)
                {
                    record(before.GetAwaiter().GetResult());
                }
            }

            if (running is not null)
            {
                cancellation.ThrowIfCancellationRequested();
                record(running.GetAwaiter().GetResult());
            }
        }
        finally
        {
            // Nothing goes on behind the caller's back.
            ((IAsyncResult?)running)?.AsyncWaitHandle.WaitOne();
        }
    }
}
