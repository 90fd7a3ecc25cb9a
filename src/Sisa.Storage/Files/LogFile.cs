using System.Text;
using Polly;
using Polly.Retry;

namespace Sisa.Storage.Files;

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
    public IReadOnlyList<string> Read() => Read(default).Lines;

    /// <summary>The whole lines behind a place.</summary>
    /// <param name="from">A place that was answered before; the default for the beginning.</param>
    /// <returns>The lines, and the place behind them. A file that has become shorter than the place is read from its beginning.</returns>
    /// <exception cref="StorageIoException">The file cannot be read.</exception>
    public (IReadOnlyList<string> Lines, LogPlace From, LogPlace Next) Read(LogPlace from)
    {
        try
        {
            using var stream = UntilFree.Execute(() => OwnerOnly.Open(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
            return Lines(stream, from);
        }
        catch (DirectoryNotFoundException e)
        {
            throw NoFolder(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("read", path, e);
        }
    }

    /// <summary>Appends the missing lines durably, without reading again lines that are known to be right.</summary>
    /// <param name="known">A place up to which the file is known; the default where nothing is.</param>
    /// <param name="wanted">Every line that must follow the place. Existing lines stay as they are, further ones too.</param>
    /// <param name="check">Called under the lock with the lines that are there behind the place; throws when they do not belong to these.</param>
    /// <returns>The place behind the last line; <see langword="null"/>, and nothing is done, where the file is shorter than was known.</returns>
    /// <exception cref="StorageIoException">The file could not be written; what was there is still there.</exception>
    public LogPlace? Append(LogPlace known, IReadOnlyList<string> wanted, Action<IReadOnlyList<string>> check)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(check);
        try
        {
            var isNew = !File.Exists(path);
            using var stream = UntilFree.Execute(() => OwnerOnly.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            var (present, start, end) = Lines(stream, known);
            if (start != known)
            {
                return null;
            }

            check(present);
            if (present.Count >= wanted.Count)
            {
                return end;
            }

            var more = Encoding.UTF8.GetBytes(string.Concat(wanted.Skip(present.Count).Select(line => line + "\n")));
            stream.SetLength(end.Bytes);
            stream.Position = end.Bytes;
            stream.Write(more);
            DurableFile.Flush(stream.SafeFileHandle, path);
            if (isNew)
            {
                DurableFile.FlushFolder(Path.GetDirectoryName(path)!);
            }

            return new LogPlace(start.Count + wanted.Count, end.Bytes + more.Length);
        }
        catch (DirectoryNotFoundException e)
        {
            throw NoFolder(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("append to", path, e);
        }
    }

    // A file that is missing is written again from the manifest; a whole folder does not go missing by an interrupted write.
    private StoreException NoFolder(DirectoryNotFoundException cause) => new(
        $"The folder {Path.GetDirectoryName(path)} of the evidence log is missing.",
        "Restore the folder 'evidence' from the newest backup. Without a backup, create it with 'mkdir': the next command writes the log from the manifest, but an old manifest can then no longer be detected.",
        cause);

    private static (IReadOnlyList<string> Whole, LogPlace Start, LogPlace End) Lines(FileStream stream, LogPlace from)
    {
        var start = from.Bytes < 0 || stream.Length < from.Bytes ? default : from;
        stream.Position = start.Bytes;
        var bytes = new byte[stream.Length - start.Bytes];
        stream.ReadExactly(bytes);
        var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        string[] lines = end == 0 ? [] : Encoding.UTF8.GetString(bytes, 0, end - 1).Split('\n');
        return (lines, start, new LogPlace(start.Count + lines.Length, start.Bytes + end));
    }
}

/// <summary>A place in the log's file: behind so many whole lines.</summary>
/// <param name="Count">Number of lines before it.</param>
/// <param name="Bytes">Their length.</param>
public readonly record struct LogPlace(long Count, long Bytes);
