using System.Security.Cryptography;

namespace Sisa.Storage.Files;

/// <summary>SHA-256 of bytes in memory, computed on another thread where they are many, while the caller writes them.</summary>
/// <remarks>The bytes must neither change nor go until this is disposed, which waits.</remarks>
internal sealed class BackgroundHash : IDisposable
{
    // Below it a thread takes longer to start than the hash takes, some 0.6 ms a megabyte.
    private const long LeastBytes = 1 << 20;

    private readonly Task<Digest> _digest;

    /// <summary>Begins to hash.</summary>
    /// <param name="parts">The bytes, part behind part.</param>
    public BackgroundHash(IReadOnlyList<ReadOnlyMemory<byte>> parts) =>
        _digest = parts.Sum(part => (long)part.Length) < LeastBytes ? Task.FromResult(Hash(parts)) : Task.Run(() => Hash(parts));

    /// <summary>Waits for the digest.</summary>
    public Digest Wait() => _digest.GetAwaiter().GetResult();

    public void Dispose() => ((IAsyncResult)_digest).AsyncWaitHandle.WaitOne();

    private static Digest Hash(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(part.Span);
        }

        return new Digest(hash.GetHashAndReset());
    }
}
