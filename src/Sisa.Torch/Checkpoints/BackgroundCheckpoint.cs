using Sisa.Checkpoints;
using Sisa.Storage.Checkpoints;

namespace Sisa.Torch.Checkpoints;

/// <summary>Writes one checkpoint at a time on another thread, while training goes on.</summary>
/// <remarks>Not thread-safe: one thread begins and finishes. A crash while a write is under way leaves a temporary file that recovery
/// removes, or a whole checkpoint that nobody was told of.</remarks>
internal sealed class BackgroundCheckpoint : IDisposable
{
    private Task<CheckpointInfo>? _write;

    /// <summary>Whether a write was begun and not yet finished.</summary>
    public bool IsPending => _write is not null;

    /// <summary>Whether <see cref="Finish"/> would return at once with a result.</summary>
    public bool IsReady => _write is { IsCompleted: true };

    /// <summary>Begins to write. The tensors' bytes must not change until <see cref="Finish"/>.</summary>
    /// <param name="folder">Folder of the shard's checkpoints.</param>
    /// <param name="header">Header of the checkpoint.</param>
    /// <param name="tensors">Its tensors.</param>
    public void Begin(string folder, CheckpointHeader header, IReadOnlyList<TensorEntry> tensors)
    {
        if (IsPending)
        {
            throw new InvalidOperationException("A checkpoint is still being written.");
        }

        _write = Task.Run(() => CheckpointFile.Write(folder, header, tensors));
    }

    /// <summary>Waits until the file is durable.</summary>
    /// <exception cref="StorageIoException">It could not be written.</exception>
    public CheckpointInfo Finish()
    {
        var write = _write ?? throw new InvalidOperationException("No checkpoint is being written.");
        _write = null;
        return write.GetAwaiter().GetResult();
    }

    /// <summary>Waits for an unfinished write, whose result no longer matters.</summary>
    public void Dispose()
    {
        if (_write is { } write)
        {
            ((IAsyncResult)write).AsyncWaitHandle.WaitOne();
            _ = write.Exception;
        }
    }
}
