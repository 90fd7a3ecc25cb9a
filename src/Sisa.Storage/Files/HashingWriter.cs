using System.Security.Cryptography;

namespace Sisa.Storage.Files;

/// <summary>Writes a file and hashes what it writes; ends with a durable file or none.</summary>
/// <remarks>Owned by one thread. Disposing without <see cref="Finish"/> removes the temporary file.</remarks>
/// <param name="temporaryPath">Where the bytes go until the file is complete.</param>
internal sealed class HashingWriter(string temporaryPath) : IDisposable
{
    private readonly DurableWriter _file = new(temporaryPath);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Appends bytes to the file and to the hash.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        WriteUnhashed(bytes);
    }

    /// <summary>Appends bytes to the file alone, such as the hash itself.</summary>
    public void WriteUnhashed(ReadOnlySpan<byte> bytes) => _file.Write(bytes);

    /// <summary>Appends zeros up to a multiple.</summary>
    public void Align(int multiple)
    {
        Span<byte> zeros = stackalloc byte[multiple];
        zeros.Clear();
        Write(zeros[..(int)((multiple - (_file.Position % multiple)) % multiple)]);
    }

    /// <summary>SHA-256 of everything hashed so far.</summary>
    public Digest CurrentDigest() => new(_hash.GetCurrentHash());

    /// <summary>Makes the file durable under its name.</summary>
    public void Finish(string path)
    {
        _file.Flush();
        _file.Publish(path);
    }

    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
    }
}
