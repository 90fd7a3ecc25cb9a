using System.Collections.Concurrent;

namespace Sisa.Serving.Living;

/// <summary>A thread that does one thing after another, each for a caller who awaits it.</summary>
/// <remarks>Only this thread uses the objects that it owns. Thread-safe.</remarks>
internal sealed class OwnThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly Thread _thread;
    private bool _isEnded;

    /// <summary>Starts it.</summary>
    /// <param name="name">Its name, for debuggers.</param>
    /// <param name="atEnd">Called by it when it ends.</param>
    public OwnThread(string name, Action atEnd)
    {
        Ending = _ending.Token;
        _thread = new Thread(() => Work(atEnd)) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Cancelled when the thread is to end.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Runs work on the thread.</summary>
    /// <param name="work">The work. Its token is cancelled by the caller, or when the thread ends.</param>
    /// <param name="cancellation">Cancels it; before it has begun, it does not begin.</param>
    /// <returns>The result of the work, or its exception.</returns>
    /// <exception cref="ObjectDisposedException">The thread has ended.</exception>
    public Task<T> Do<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        // Continuations run elsewhere: no caller's code runs on this thread.
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Run()
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Ending);
            try
            {
                both.Token.ThrowIfCancellationRequested();
                result.TrySetResult(work(both.Token));
            }
            catch (OperationCanceledException)
            {
                result.TrySetCanceled(cancellation.IsCancellationRequested ? cancellation : both.Token);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                result.TrySetException(e);
            }
        }

        try
        {
            _work.Add(Run, CancellationToken.None);
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The store is closed.", e);
        }

        return result.Task;
    }

    /// <summary>Cancels what is in hand and what waits, and ends when that has ended. Twice is once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isEnded, true))
        {
            return;
        }

        _work.CompleteAdding();
        _ending.Cancel();
        _thread.Join();
        _work.Dispose();
        _ending.Dispose();
    }

    private void Work(Action atEnd)
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }

        atEnd();
    }
}
