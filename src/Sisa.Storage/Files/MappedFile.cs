using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Sisa.Storage.Files;

/// <summary>A file mapped into memory, read-only.</summary>
/// <remarks>Spans and memory handed out are valid until <see cref="Dispose"/>. Thread-safe for reading.</remarks>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;

    /// <summary>Maps a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="StoreException">It is missing.</exception>
    /// <exception cref="StorageIoException">It cannot be read.</exception>
    public MappedFile(string path)
    {
        try
        {
            // Of a link, the length of what it leads to.
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            LengthBytes = stream.Length;
            if (LengthBytes == 0)
            {
                // An empty file cannot be mapped, and need not be.
                stream.Dispose();
                return;
            }

            _file = MemoryMappedFile.CreateFromFile(
                stream,
                mapName: null,
                capacity: 0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: false);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException($"File {path} is missing.", $"Run {Step.Recover}. It drops lost checkpoints, which are trained again, and names lost slices.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("map", path, e);
        }
    }

    /// <summary>Size of the file.</summary>
    public long LengthBytes { get; }

    /// <summary>A part of the file.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is outside the file.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > LengthBytes - length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The file has {LengthBytes} bytes.");
        }

        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    /// <summary>A part of the file as memory, which can be kept in collections.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes.</param>
    public ReadOnlyMemory<byte> Memory(long offset, int length) => new Window(this, offset, length).Memory;

    /// <inheritdoc/>
    public void Dispose()
    {
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }

    private sealed class Window(MappedFile file, long offset, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            _ = file.Span(offset, length);
            return new Span<byte>(file._start + offset, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(file._start + offset + elementIndex);

        public override void Unpin()
        {
            // The mapping does not move.
        }

        protected override void Dispose(bool disposing)
        {
            // The mapped file owns the memory.
        }
    }
}
