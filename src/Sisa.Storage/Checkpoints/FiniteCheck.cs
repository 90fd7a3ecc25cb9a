using System.Numerics;
using System.Runtime.InteropServices;

namespace Sisa.Storage.Checkpoints;

/// <summary>Looks for numbers that are none: NaN and infinities.</summary>
/// <remarks>Pure. One pass over the bits at the speed of memory, some tenths of what the digest of the same bytes takes.</remarks>
public static class FiniteCheck
{
    // All bits of the exponent: such a float is infinite or no number.
    private const int Exponent = 0x7F80_0000;

    /// <summary>Whether all of some floats are finite.</summary>
    /// <param name="values">The floats.</param>
    public static bool IsFinite(ReadOnlySpan<float> values)
    {
        var bits = MemoryMarshal.Cast<float, int>(values);
        var exponent = new Vector<int>(Exponent);
        for (; bits.Length >= Vector<int>.Count; bits = bits[Vector<int>.Count..])
        {
            if (Vector.EqualsAny(new Vector<int>(bits) & exponent, exponent))
            {
                return false;
            }
        }

        foreach (var value in bits)
        {
            if ((value & Exponent) == Exponent)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Name of the first tensor of floats that holds another number, or <see langword="null"/> for none.</summary>
    /// <param name="tensors">Tensors of a checkpoint; those of whole numbers are not looked at.</param>
    public static string? FirstOther(IEnumerable<TensorEntry> tensors) => tensors
        .FirstOrDefault(tensor => tensor.Type == "F32" && !IsFinite(MemoryMarshal.Cast<byte, float>(tensor.Data.Span)))?.Name;
}
