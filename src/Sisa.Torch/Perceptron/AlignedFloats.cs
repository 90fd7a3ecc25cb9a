using System.Runtime.InteropServices;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Models;

namespace Sisa.Torch.Perceptron;

/// <summary>Floats in memory of their own that begins at a cache line, zero at first.</summary>
/// <remarks>Not thread-safe. Spans are valid until <see cref="Dispose"/>.</remarks>
internal sealed unsafe class AlignedFloats : IFlatMemory, IDisposable
{
    private const int CacheLineBytes = ParameterLayout.Alignment * sizeof(float);

    private float* _memory;

    /// <summary>Allocates the memory.</summary>
    /// <param name="length">How many floats; more than none.</param>
    public AlignedFloats(long length)
    {
        Length = length;
        _memory = (float*)NativeMemory.AlignedAlloc(checked((nuint)length * sizeof(float)), CacheLineBytes);
        Span.Clear();
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>The floats.</summary>
    public Span<float> Span => _memory is null ? throw new ObjectDisposedException(nameof(AlignedFloats)) : new(_memory, checked((int)Length));

    /// <inheritdoc/>
    public void CopyTo(Span<byte> destination) => MemoryMarshal.AsBytes(Span).CopyTo(destination);

    /// <inheritdoc/>
    public void Fill(FlatFiller fill) => fill(Span);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
