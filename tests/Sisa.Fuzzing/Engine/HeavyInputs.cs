namespace Sisa.Fuzzing.Engine;

/// <summary>The bound on what reading an input may take.</summary>
internal static class MemoryBound
{
    /// <summary>Four times the input and 64 MB.</summary>
    public static long Of(long inputBytes) => (4 * inputBytes) + (64L << 20);
}

/// <summary>The inputs that allocated most, to be measured in a process of their own.</summary>
/// <param name="folder">Folder that keeps them.</param>
/// <remarks>What an execution allocates in all is never less than what it holds at one moment, so an execution that allocated less than the bound kept it, but for
/// native memory and for arrays that a pool lent again. Those, and the ones that allocated more, are what <see cref="MemoryMeasurement"/> is for.</remarks>
internal sealed class HeavyInputs(string folder)
{
    private const int Kept = 4;

    private readonly List<(long Bytes, byte[] Input)> _heaviest = [];

    /// <summary>Keeps an input if few allocated more.</summary>
    public void Offer(byte[] input, long allocatedBytes)
    {
        // Half as much again, so that a thousand inputs of nearly the same weight are not all written.
        if (_heaviest.Count == Kept && allocatedBytes < _heaviest[^1].Bytes * 3 / 2)
        {
            return;
        }

        _heaviest.Add((allocatedBytes, input));
        _heaviest.Sort((a, b) => b.Bytes.CompareTo(a.Bytes));
        if (_heaviest.Count > Kept)
        {
            _heaviest.RemoveAt(Kept);
        }

        Directory.CreateDirectory(folder);
        for (var i = 0; i < _heaviest.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"{i}"), _heaviest[i].Input);
        }
    }
}
