using System.Collections.Concurrent;

namespace Sisa.Serving.Living;

/// <summary>Joins the questions of many callers to batches, and has one thread answer them.</summary>
/// <typeparam name="TQuestion">Type of a question.</typeparam>
/// <typeparam name="TAnswer">Type of an answer.</typeparam>
/// <param name="thread">The answering thread.</param>
/// <param name="most">Questions a batch, unless one caller asks more.</param>
/// <param name="answer">Answers a batch, on the answering thread: one answer a question.</param>
internal sealed class AnswerLoop<TQuestion, TAnswer>(OwnThread thread, int most, Func<IReadOnlyList<TQuestion>, IReadOnlyList<TAnswer>> answer)
{
    private readonly ConcurrentQueue<Asked> _waiting = [];

    /// <summary>Asks a question.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="cancellation">Cancels them while they wait.</param>
    /// <returns>One answer a question.</returns>
    public Task<IReadOnlyList<TAnswer>> Ask(IReadOnlyList<TQuestion> questions, CancellationToken cancellation)
    {
        var asked = new Asked(questions, new(TaskCreationOptions.RunContinuationsAsynchronously), cancellation);
        _waiting.Enqueue(asked);

        // There is a turn for each caller. The first turn answers for all who wait; the others find nothing to do.
        _ = thread.Do(AnswerWaiting, CancellationToken.None)
            .ContinueWith(_ => asked.Answers.TrySetCanceled(thread.Ending), CancellationToken.None, TaskContinuationOptions.OnlyOnCanceled, TaskScheduler.Default);
        return asked.Answers.Task;
    }

    private bool AnswerWaiting(CancellationToken ending)
    {
        var batch = new List<Asked>();
        var count = 0;
        while (_waiting.TryPeek(out var next) && (batch.Count == 0 || count + next.Questions.Count <= most) && _waiting.TryDequeue(out next))
        {
            if (next.Cancellation.IsCancellationRequested)
            {
                next.Answers.TrySetCanceled(next.Cancellation);
                continue;
            }

            batch.Add(next);
            count += next.Questions.Count;
        }

        if (batch.Count > 0)
        {
            Answer(batch);
        }

        return true;
    }

    private void Answer(List<Asked> batch)
    {
        try
        {
            var answers = answer([.. batch.SelectMany(a => a.Questions)]);
            var first = 0;
            foreach (var asked in batch)
            {
                asked.Answers.TrySetResult([.. answers.Skip(first).Take(asked.Questions.Count)]);
                first += asked.Questions.Count;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            batch.ForEach(asked => asked.Answers.TrySetException(e));
        }
    }

    private sealed record Asked(IReadOnlyList<TQuestion> Questions, TaskCompletionSource<IReadOnlyList<TAnswer>> Answers, CancellationToken Cancellation);
}
