using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace Sisa.Fuzzing.Engine;

/// <summary>The input that a worker is at, in a file that both processes map: it outlives a worker that ends without a word, and its number tells one that hangs.</summary>
/// <remarks>Number of executions (8 bytes), length (4), edges (4), inputs kept (4), the input. One writer.</remarks>
internal sealed unsafe class LastInput : IDisposable
{
    private const int HeadBytes = 20;
    private const int SizeBytes = 1 << 21;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    public LastInput(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite), mapName: null, SizeBytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Executions begun by the worker.</summary>
    public long Executions => BinaryPrimitives.ReadInt64LittleEndian(new Span<byte>(_start, 8));

    /// <summary>Edges seen by the worker.</summary>
    public int Edges => Number(12);

    /// <summary>Inputs kept by the worker.</summary>
    public int Inputs => Number(16);

    /// <summary>Notes how far the worker is.</summary>
    public void Note(int edges, int inputs)
    {
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(_start + 12, 4), edges);
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(_start + 16, 4), inputs);
    }

    /// <summary>Forgets the worker before.</summary>
    public void Clear() => new Span<byte>(_start, HeadBytes).Clear();

    /// <summary>Notes an input before it is executed.</summary>
    public void Begin(byte[] input)
    {
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(_start, 8), Executions + 1);
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(_start + 8, 4), input.Length);
        input.CopyTo(new Span<byte>(_start + HeadBytes, input.Length));
    }

    /// <summary>The input that was begun last.</summary>
    public byte[] Read() => new Span<byte>(_start + HeadBytes, Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(new Span<byte>(_start + 8, 4)), 0, SizeBytes - HeadBytes)).ToArray();

    private int Number(int offset) => BinaryPrimitives.ReadInt32LittleEndian(new Span<byte>(_start + offset, 4));

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
