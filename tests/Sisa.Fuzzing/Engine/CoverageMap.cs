using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Sisa.Fuzzing.Engine;

/// <summary>Which edges between basic blocks an execution took, and how often: the map that SharpFuzz's instrumentation writes.</summary>
/// <remarks>Not thread-safe; one per process, since the instrumentation knows one map. Counts fall into the eight classes of AFL (1, 2, 3, 4–7, 8–15,
/// 16–31, 32–127, more), so that a loop that runs longer is news a few times only.</remarks>
internal sealed unsafe class CoverageMap
{
    private const int SizeBytes = 1 << 16;

    private static readonly byte[] Classes = [.. Enumerable.Range(0, 256).Select(ClassOf)];

    // Never given back: threads of a library may still run instrumented code.
    private readonly byte* _now = (byte*)NativeMemory.AlignedAlloc(SizeBytes, 64);
    private readonly byte[] _seen = new byte[SizeBytes];
    private readonly List<(int Edge, byte Class)> _taken = [];

    public CoverageMap()
    {
        new Span<byte>(_now, SizeBytes).Clear();
        Trace.SharedMem = _now;
    }

    /// <summary>Edges seen so far, whatever their counts.</summary>
    public int Edges => SizeBytes - _seen.AsSpan().Count((byte)0);

    /// <summary>Begins an execution.</summary>
    public void Reset()
    {
        new Span<byte>(_now, SizeBytes).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds what the execution took.</summary>
    /// <returns>Whether any of it was never seen before.</returns>
    public bool Merge()
    {
        var isNew = false;
        foreach (var (edge, seenClass) in Taken())
        {
            isNew |= (_seen[edge] & seenClass) == 0;
            _seen[edge] |= seenClass;
        }

        return isNew;
    }

    /// <summary>Edges of the execution with the class of their counts.</summary>
    public IReadOnlyList<(int Edge, byte Class)> Taken()
    {
        _taken.Clear();
        var words = (ulong*)_now;
        for (var word = 0; word < SizeBytes / sizeof(ulong); word++)
        {
            if (words[word] == 0)
            {
                continue;
            }

            for (var edge = word * sizeof(ulong); edge < (word + 1) * sizeof(ulong); edge++)
            {
                if (_now[edge] != 0)
                {
                    _taken.Add((edge, Classes[_now[edge]]));
                }
            }
        }

        return _taken;
    }

    private static byte ClassOf(int count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
