using System.Security.Cryptography;

namespace Sisa.Storage.Files;

/// <summary>Writes a file and hashes what it writes; ends with a durable file or none.</summary>
/// <remarks>Owned by one thread. Disposing without <see cref="Finish"/> removes the temporary file.</remarks>
/// <param name="temporaryPath">Where the bytes go until the file is complete.</param>
internal sealed class HashingWriter(string temporaryPath) : IDisposable
{
    // Records are a few bytes each, and a call of the hash costs as much as a hundred bytes.
    private const int BlockBytes = 1 << 16;

    private readonly DurableWriter _file = new(temporaryPath);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _block = new byte[BlockBytes];
    private int _used;

    /// <summary>Appends bytes to the file and to the hash.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BlockBytes - _used)
        {
            FlushBlock();
        }

        if (bytes.Length > BlockBytes)
        {
            _hash.AppendData(bytes);
            _file.Write(bytes);
            return;
        }

        bytes.CopyTo(_block.AsSpan(_used));
        _used += bytes.Length;
    }

    /// <summary>Appends bytes to the file without hashing them, such as the hash itself.</summary>
    public void WriteUnhashed(ReadOnlySpan<byte> bytes)
    {
        FlushBlock();
        _file.Write(bytes);
    }

    /// <summary>Appends zeros up to a multiple.</summary>
    public void Align(int multiple)
    {
        Span<byte> zeros = stackalloc byte[multiple];
        zeros.Clear();
        Write(zeros[..(int)((multiple - ((_file.Position + _used) % multiple)) % multiple)]);
    }

    /// <summary>SHA-256 of everything hashed so far.</summary>
    public Digest CurrentDigest()
    {
        FlushBlock();
        return new Digest(_hash.GetCurrentHash());
    }

    /// <summary>Makes the file durable under its name.</summary>
    public void Finish(string path)
    {
        FlushBlock();
        _file.Flush();
        _file.Publish(path);
    }

    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
    }

    private void FlushBlock()
    {
        var block = _block.AsSpan(0, _used);
        _hash.AppendData(block);
        _file.Write(block);
        _used = 0;
    }
}
