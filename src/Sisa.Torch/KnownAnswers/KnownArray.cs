namespace Sisa.Torch.KnownAnswers;

/// <summary>Numbers of a tensor or an array, read in place.</summary>
/// <remarks>Memory that a process touches for the first time costs it more than the products of a small model do. So nothing is copied. Whoever makes one keeps the memory alive and in its place.</remarks>
internal readonly unsafe struct KnownArray
{
    private readonly float* _first;
    private readonly long _count;

    /// <summary>Numbers in memory that does not move.</summary>
    /// <param name="memory">Memory of a tensor, or of a pinned array.</param>
    public KnownArray(Span<float> memory)
    {
        fixed (float* first = memory)
        {
            _first = first;
            _count = memory.Length;
        }
    }

    /// <summary>A number.</summary>
    /// <param name="index">Its position.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public float this[long index] => (ulong)index < (ulong)_count ? _first[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>All of them.</summary>
    public Span<float> Span => new(_first, checked((int)_count));
}
