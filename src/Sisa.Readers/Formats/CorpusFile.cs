using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>A corpus file while it is read: its content without gzip, and a watch on whether it changes meanwhile.</summary>
internal sealed class CorpusFile : IDisposable
{
    private readonly FileStream _file;
    private readonly (long LengthBytes, DateTime Written) _before;

    // Content as it was opened; what is looked at first stands before it.
    private Stream? _unwrapped;

    private CorpusFile(string name, FileStream file)
    {
        Name = name;
        _file = file;
        _before = Snapshot();
        Content = file;
    }

    /// <summary>Name of the file as the user gave it.</summary>
    public string Name { get; }

    /// <summary>The content, decompressed.</summary>
    public Stream Content { get; private set; }

    /// <summary>Whether the file is gzip.</summary>
    public bool IsGzip { get; private set; }

    /// <summary>Whether length or time of the last write differ from those at the opening.</summary>
    public bool HasChanged => Snapshot() != _before;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Path as the user gave it.</param>
    /// <exception cref="CorpusException">No file, a directory, no permission, or empty.</exception>
    public static CorpusFile Open(string path)
    {
        RequireFile(path);
        CorpusFile? opened = null;
        try
        {
            opened = new CorpusFile(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan));
            opened.Unwrap();
            return opened;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(path, e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or ArgumentException or NotSupportedException)
        {
            opened?.Dispose();
            throw new CorpusException($"The file cannot be opened: {PlainReason.Of(e)}.", "Check the path and your permission to read it.", path, innerException: e);
        }
        catch (CorpusException)
        {
            opened?.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a path that names no file.</summary>
    /// <param name="path">Path as the user gave it.</param>
    /// <exception cref="CorpusException">There is nothing, or a directory.</exception>
    public static void RequireFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CorpusException("This is a directory, expected a file.", "Name the files in it, for instance with a shell pattern.", path);
        }

        if (!File.Exists(path))
        {
            throw Missing(path, null);
        }
    }

    /// <summary>The fault of gzip that is damaged or cut off.</summary>
    /// <param name="path">The file.</param>
    /// <param name="e">The fault that <see cref="GzipContent"/> found.</param>
    public static CorpusException Damaged(string path, MalformedException e) => new(e.Message, "Copy or download the file again; 'gzip -t FILE' tests it.", path, innerException: e);

    /// <summary>The fault of a file that changed while it was read.</summary>
    public CorpusException Changed() => new(
        "The file changed while it was read.",
        "Wait until no process writes to it, then run the command again. Nothing of it was ingested.",
        Name);

    /// <summary>A file's name without the ending of gzip, where it has that.</summary>
    /// <param name="name">Name or path.</param>
    public static string WithoutGzip(string name) => name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;

    /// <summary>The format of a file, from the recipe or from the file's name.</summary>
    /// <param name="options">The recipe's part.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CorpusException">The name tells no format.</exception>
    public static CorpusFormat FormatOf(CorpusOptions options, string path)
    {
        if (options.Format is { } declared)
        {
            return declared;
        }

        RequireFile(path);
        return NamedFormat(path) ?? (WithoutGzip(path).EndsWith(".data", StringComparison.OrdinalIgnoreCase)
            ? CorpusFormat.Csv
            : throw new CorpusException(
                "The file's name does not tell its format.",
                $"Set corpus.format in the recipe: {string.Join(", ", RowFormat.All.SkipLast(1).Select(known => known.Format))} or {RowFormat.All[^1].Format}.",
                path));
    }

    /// <summary>The format of a file by its name, or <see langword="null"/>.</summary>
    /// <param name="path">The file.</param>
    public static CorpusFormat? NamedFormat(string path) => RowFormat.Named(WithoutGzip(Path.GetFileName(path).ToLowerInvariant()))?.Format;

    /// <summary>The first bytes of the content, up to the first line's end at least where so many are enough. They can be read again.</summary>
    /// <param name="most">Most bytes.</param>
    public ReadOnlyMemory<byte> Peek(int most)
    {
        var head = new byte[most];
        var length = 0;
        for (var read = 1; read > 0 && length < most && !head.AsSpan(0, length).Contains((byte)'\n');)
        {
            read = Content.Read(head, length, most - length);
            length += read;
        }

        if (Content == _file && _file.CanSeek)
        {
            _file.Position = 0;
        }
        else
        {
            Content = new PrefixedStream(head.AsMemory(0, length), Content);
        }

        return head.AsMemory(0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Content.Dispose();
        _unwrapped?.Dispose();
        _file.Dispose();
    }

    private static CorpusException Missing(string path, Exception? cause) => new("There is no such file.", "Check the path. It is relative to the working directory.", path, innerException: cause);

    private void Unwrap()
    {
        var head = new byte[ForeignContent.HeadBytes];
        var headBytes = _file.ReadAtLeast(head, 2, throwOnEndOfStream: false);
        if (headBytes == 0)
        {
            throw new CorpusException("The file is empty: it holds no rows.", "Check that it was written or downloaded completely.", Name);
        }

        // Compressed bytes are not text. Their content is checked when it is read.
        IsGzip = headBytes >= 2 && head[0] == 0x1F && head[1] == 0x8B;
        if (!IsGzip)
        {
            ForeignContent.Refuse(head.AsSpan(0, headBytes), Name);
        }

        Stream whole = _file;
        if (_file.CanSeek)
        {
            _file.Position = 0;
        }
        else
        {
            whole = new PrefixedStream(head.AsMemory(0, headBytes), _file);
        }

        Content = _unwrapped = IsGzip ? new GzipContent(whole) : whole;
    }

    private (long LengthBytes, DateTime Written) Snapshot() =>
        _file.CanSeek ? (RandomAccess.GetLength(_file.SafeFileHandle), File.GetLastWriteTimeUtc(_file.SafeFileHandle)) : default;
}
