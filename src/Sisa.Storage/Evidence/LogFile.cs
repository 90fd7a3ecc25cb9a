using System.Text;
using Polly;
using Polly.Retry;
using Sisa.Storage.Files;

namespace Sisa.Storage.Evidence;

/// <summary>The evidence log as a file of its own, apart from the manifest: one entry a line, only ever appended to.</summary>
/// <remarks>
/// A crash while entries are appended leaves a last line without its line feed; it does not count, and the next append cuts it off: the
/// manifest, where an entry is committed first, still has it. Appending takes an advisory lock on the file for its duration. Not thread-safe.
/// </remarks>
/// <param name="path">Path of the file; its folder exists.</param>
public sealed class LogFile(string path)
{
    // Others append a few lines at a time.
    private static readonly ResiliencePipeline UntilFree = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<IOException>(StoreLock.IsHeldByAnother),
            MaxRetryAttempts = 600,
            Delay = TimeSpan.FromMilliseconds(50),
            BackoffType = DelayBackoffType.Constant,
        })
        .Build();

    /// <summary>Every whole line.</summary>
    /// <exception cref="StorageIoException">The file cannot be read.</exception>
    public IReadOnlyList<string> Read()
    {
        try
        {
            using var stream = UntilFree.Execute(() => new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
            return Lines(stream).Whole;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("read", path, e);
        }
    }

    /// <summary>Appends whatever is missing, durably.</summary>
    /// <param name="all">Every line that shall be there; those that are there already are left as they are, also further ones.</param>
    /// <param name="check">Called under the lock with the lines that are there; throws when they do not belong to these.</param>
    /// <exception cref="StorageIoException">The file could not be written; what was there is still there.</exception>
    public void Append(IReadOnlyList<string> all, Action<IReadOnlyList<string>> check)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(check);
        try
        {
            var isNew = !File.Exists(path);
            using var stream = UntilFree.Execute(() => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            var (present, end) = Lines(stream);
            check(present);
            if (present.Count >= all.Count)
            {
                return;
            }

            stream.SetLength(end);
            stream.Position = end;
            stream.Write(Encoding.UTF8.GetBytes(string.Concat(all.Skip(present.Count).Select(line => line + "\n"))));
            DurableFile.Flush(stream.SafeFileHandle, path);
            if (isNew)
            {
                DurableFile.FlushFolder(Path.GetDirectoryName(path)!);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("append to", path, e);
        }
    }

    private static (IReadOnlyList<string> Whole, long End) Lines(FileStream stream)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        var text = Encoding.UTF8.GetString(bytes, 0, end);
        return (end == 0 ? [] : text[..^1].Split('\n'), end);
    }
}
