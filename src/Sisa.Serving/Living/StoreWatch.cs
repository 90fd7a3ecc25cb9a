using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Storage.Manifest;

namespace Sisa.Serving.Living;

/// <summary>Looks at a store for what other processes and threads did: publishes the fallback of requests that were received without one, and prepares what is served now.</summary>
/// <remarks>A look at a store in which nothing was committed reads one number.</remarks>
internal sealed class StoreWatch : IDisposable
{
    private readonly Store _store;
    private readonly LiveBundle _bundle;
    private readonly Action<string> _notify;
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;
    private ServedCheckpoints? _known;
    private long _seen = -1;
    private string? _told;

    /// <summary>Starts it.</summary>
    /// <param name="store">The store, for the watch only. This object takes ownership of it.</param>
    /// <param name="bundle">Takes what is prepared.</param>
    /// <param name="interval">Time between two looks.</param>
    /// <param name="notify">Told, in a sentence, why a look was in vain; the same reason once.</param>
    public StoreWatch(Store store, LiveBundle bundle, TimeSpan interval, Action<string> notify)
    {
        (_store, _bundle, _notify) = (store, bundle, notify);

        // It looks again soon, and whoever closes the store waits for it.
        store.Manifest.Timeout = TimeSpan.FromSeconds(1);
        _thread = new Thread(() => Watch(interval)) { IsBackground = true, Name = "sisa watch" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
        _store.Dispose();
    }

    private void Watch(TimeSpan interval)
    {
        do
        {
            try
            {
                Look();
                _told = null;
            }
            catch (Exception e) when (e is SisaException or IOException or UnauthorizedAccessException || SqliteCode.IsFault(e))
            {
                Tell($"The store could not be checked for changes: {Sentence.Of(e)}");
            }
        }
        while (!_end.Wait(interval));
    }

    private void Look()
    {
        var version = _store.Manifest.OthersVersion;
        if (version == _seen)
        {
            return;
        }

        new BundlePublisher(_store).PublishFallbacks();
        _known = new ServedBundleQuery(_store).Look(_known);
        _bundle.Prepare(_known, _store);

        // What failed is looked at again.
        _seen = version;
    }

    private void Tell(string reason)
    {
        if (reason != _told)
        {
            _told = reason;
            _notify(reason);
        }
    }
}
