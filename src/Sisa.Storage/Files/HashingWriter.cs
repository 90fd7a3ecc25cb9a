using System.Security.Cryptography;

namespace Sisa.Storage.Files;

/// <summary>Writes a temporary file and hashes what it writes; ends with a durable file or none.</summary>
/// <remarks>Owned by one thread. Disposing without <see cref="Finish"/> removes the temporary file.</remarks>
internal sealed class HashingWriter : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _finished;

    /// <summary>Opens the temporary file.</summary>
    /// <param name="temporaryPath">Where the bytes go until the file is complete.</param>
    public HashingWriter(string temporaryPath)
    {
        TemporaryPath = temporaryPath;
        try
        {
            _stream = new FileStream(temporaryPath, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("create", temporaryPath, e);
        }
    }

    public string TemporaryPath { get; }

    /// <summary>Bytes written so far.</summary>
    public long Position { get; private set; }

    /// <summary>Appends bytes to the file and to the hash.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        WriteUnhashed(bytes);
    }

    /// <summary>Appends bytes to the file alone, such as the hash itself.</summary>
    public void WriteUnhashed(ReadOnlySpan<byte> bytes)
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

    /// <summary>Appends zeros up to a multiple.</summary>
    public void Align(int multiple)
    {
        Span<byte> zeros = stackalloc byte[multiple];
        zeros.Clear();
        Write(zeros[..(int)((multiple - (Position % multiple)) % multiple)]);
    }

    /// <summary>SHA-256 of everything hashed so far.</summary>
    public Digest CurrentDigest() => new(_hash.GetCurrentHash());

    /// <summary>Makes the file durable under its name.</summary>
    public void Finish(string path)
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

        DurableFile.Publish(TemporaryPath, path);
        _finished = true;
    }

    public void Dispose()
    {
        _hash.Dispose();
        if (!_finished)
        {
            DurableFile.Abandon(_stream, TemporaryPath);
        }
    }
}
