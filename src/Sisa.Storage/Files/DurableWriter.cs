namespace Sisa.Storage.Files;

/// <summary>Writes a temporary file from its beginning to its end, and gives it its name when it is durable.</summary>
/// <remarks>Owned by one thread. The order of writes is that of <see cref="DurableFile"/>: write, <see cref="Flush"/>, <see cref="Publish"/>. Disposing before that removes the temporary file.</remarks>
internal sealed class DurableWriter : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly FileStream _stream;
    private bool _isPublished;

    /// <summary>Opens the temporary file.</summary>
    /// <param name="temporaryPath">Where the bytes go until the file is complete.</param>
    public DurableWriter(string temporaryPath)
    {
        TemporaryPath = temporaryPath;
        try
        {
            _stream = OwnerOnly.Open(temporaryPath, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("create", temporaryPath, e);
        }
    }

    public string TemporaryPath { get; }

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    /// <summary>Appends bytes; those larger than a buffer go to the system as they are.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
            Position += bytes.Length;
        }
        catch (IOException e)
        {
            throw DurableFile.Failed("write", TemporaryPath, e);
        }
    }

    /// <summary>Makes the bytes durable and closes the file; nothing is written behind it.</summary>
    public void Flush()
    {
        try
        {
            _stream.Flush();
            DurableFile.Flush(_stream.SafeFileHandle, TemporaryPath);
            _stream.Dispose();
        }
        catch (IOException e)
        {
            throw DurableFile.Failed("write", TemporaryPath, e);
        }
    }

    /// <summary>Gives the flushed file its name, durably.</summary>
    public void Publish(string path)
    {
        DurableFile.Publish(TemporaryPath, path);
        _isPublished = true;
    }

    public void Dispose()
    {
        if (!_isPublished)
        {
            DurableFile.Abandon(_stream, TemporaryPath);
        }
    }
}
