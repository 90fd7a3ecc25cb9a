using Polly;
using Polly.Retry;

namespace Sisa.Storage.Files;

/// <summary>The right to change slices and checkpoints: one process at a time. Receipt of a request does not need it.</summary>
/// <remarks>An advisory lock of the operating system on <see cref="StoreLayout.Lock"/>: it goes with the process, however that
/// ends. Disposing releases it.</remarks>
public sealed class StoreLock : IDisposable
{
    // What a lock that another process holds looks like: EWOULDBLOCK of Linux and macOS, sharing and lock violation of Windows.
    private static readonly int[] HeldByAnother = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    private readonly FileStream _stream;

    private StoreLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock.</summary>
    /// <param name="layout">The store.</param>
    /// <param name="patience">How long to wait while another process holds it; zero refuses at once.</param>
    /// <param name="waiting">Called once when it is held by another process and there is patience.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="StoreBusyException">Another process held it for longer than that.</exception>
    /// <exception cref="StorageIoException">The lock file cannot be opened at all; waiting would not help.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public static StoreLock Acquire(StoreLayout layout, TimeSpan patience, Action? waiting = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var delay = TimeSpan.FromMilliseconds(100);
        var attempts = patience <= TimeSpan.Zero ? 0 : (int)Math.Min(int.MaxValue - 1, Math.Ceiling(patience / delay));
        var told = false;
        ValueTask OnRetry(OnRetryArguments<object> arguments)
        {
            if (!told)
            {
                told = true;
                waiting?.Invoke();
            }

            return default;
        }

        try
        {
            if (attempts == 0)
            {
                return Open(layout);
            }

            var pipeline = new ResiliencePipelineBuilder()
                .AddRetry(new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<IOException>(IsHeldByAnother),
                    MaxRetryAttempts = attempts,
                    Delay = delay,
                    BackoffType = DelayBackoffType.Constant,
                    OnRetry = OnRetry,
                })
                .Build();
            return pipeline.Execute(_ => Open(layout), cancellation);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new StoreBusyException(
                $"Another process holds store {layout.Root}.",
                $"Wait until it has ended, or give {Step.Wait}. {Step.Status} and {Step.DeferForgetting} work in the meantime.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DurableFile.Failed("lock", layout.Lock, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>Whether a file could not be opened because another process holds it, so that waiting helps.</summary>
    internal static bool IsHeldByAnother(IOException fault) => HeldByAnother.Contains(fault.HResult);

    private static StoreLock Open(StoreLayout layout) =>
        new(OwnerOnly.Open(layout.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
}
