using SQLitePCL;
using Sisa.Engine.Stores;

namespace Sisa.TestKit;

/// <summary>Cancels when a store runs its n-th statement from now on, so that work can be stopped at every point, one after the other.</summary>
public sealed class StatementCancellation : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly Store _watched;
    private int _left;

    /// <summary>Begins to count.</summary>
    /// <param name="store">The store.</param>
    /// <param name="statements">Statements that run before it cancels; 0 for at once.</param>
    public StatementCancellation(Store store, int statements)
    {
        ArgumentNullException.ThrowIfNull(store);
        (_watched, _left) = (store, statements);
        if (statements == 0)
        {
            _source.Cancel();
        }

        raw.sqlite3_trace(store.Manifest.Connection().Handle!, (strdelegate_trace)((_, _) => Count()), null);
    }

    /// <summary>Is cancelled.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the work had as many statements.</summary>
    public bool IsReached => _left <= 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        raw.sqlite3_trace(_watched.Manifest.Connection().Handle!, (strdelegate_trace?)null, null);
        _source.Dispose();
    }

    private void Count()
    {
        if (--_left == 0)
        {
            _source.Cancel();
        }
    }
}
