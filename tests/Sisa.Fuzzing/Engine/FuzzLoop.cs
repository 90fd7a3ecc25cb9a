using System.Diagnostics;
using System.Security.Cryptography;

namespace Sisa.Fuzzing.Engine;

/// <summary>How long to fuzz: until one of the two is used up.</summary>
/// <param name="Executions">Executions at most.</param>
/// <param name="Seconds">Seconds at most.</param>
internal sealed record Budget(long Executions, double Seconds);

/// <summary>What a worker did.</summary>
/// <param name="Executions">Inputs executed.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Edges">Edges between basic blocks seen.</param>
/// <param name="Inputs">Inputs kept because they took an edge, or took it more often, than any before.</param>
/// <param name="SlowestMs">Longest execution.</param>
internal sealed record LoopResult(long Executions, double Seconds, int Edges, int Inputs, double SlowestMs);

/// <summary>Fuzzes a target in this process, guided by coverage: executes what is known, then changes of it, and keeps what takes new edges.</summary>
/// <param name="target">What is fuzzed.</param>
/// <param name="seed">What decides the changes; equal seeds and corpora give equal inputs in equal order.</param>
/// <param name="last">Where the input at hand is noted.</param>
/// <param name="coverage">The map that instrumented code writes; older than the target, whose making runs such code.</param>
internal sealed class FuzzLoop(FuzzTarget target, int seed, LastInput last, CoverageMap coverage)
{
    /// <summary>Changes made of one input before the next is picked.</summary>
    private const int ChangesPerPick = 48;

    /// <summary>Executions spent on making a new input shorter.</summary>
    private const int TrimExecutions = 40;

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _pool = [];
    private readonly FaultFolder _faults = new(FuzzFolders.Faults(target.Name));
    private readonly HeavyInputs _heavy = new(FuzzFolders.Heavy(target.Name));
    private long _executions;
    private double _slowestMs;

    /// <summary>Fuzzes.</summary>
    /// <param name="budget">How long.</param>
    /// <param name="isKept">Whether to begin with the inputs that runs on this machine have found, and to add new ones; without, equal seeds give equal runs.</param>
    public LoopResult Run(Budget budget, bool isKept)
    {
        var clock = Stopwatch.StartNew();
        foreach (var input in target.Seeds().Concat(FuzzFolders.ReadAll(FuzzFolders.Corpus(target.Name))).Concat(isKept ? FuzzFolders.ReadAll(FuzzFolders.Found(target.Name)) : []))
        {
            if (Execute(input) | _pool.Count == 0)
            {
                _pool.Add(input);
            }
        }

        var mutator = new Mutator(_random, target.Tokens, target.MaxBytes);
        while (_executions < budget.Executions && clock.Elapsed.TotalSeconds < budget.Seconds)
        {
            var input = Pick();
            for (var change = 0; change < ChangesPerPick && _executions < budget.Executions; change++)
            {
                var changed = mutator.Mutate(input, _pool[_random.Next(_pool.Count)]);
                if (Execute(changed))
                {
                    Keep(Trim(changed), isKept);
                }
            }
        }

        return new LoopResult(_executions, clock.Elapsed.TotalSeconds, coverage.Edges, _pool.Count, _slowestMs);
    }

    /// <summary>The fewest inputs that together take every edge, in every class of counts, that all of them take; shorter ones first.</summary>
    public IReadOnlyList<byte[]> Minimise(IEnumerable<byte[]> inputs, int maxBytes)
    {
        var kept = new List<byte[]>();
        var sum = 0;
        foreach (var input in inputs.OrderBy(bytes => bytes.Length))
        {
            if (Execute(input) && sum + input.Length <= maxBytes)
            {
                kept.Add(input);
                sum += input.Length;
            }
        }

        return kept;
    }

    /// <summary>Tries again what failed earlier.</summary>
    public void Recheck() => _faults.Recheck(Fails);

    private bool Fails(byte[] input)
    {
        try
        {
            last.Begin(input);
            target.Execute(input);
            return false;
        }
        catch (Exception)
        {
            return true;
        }
    }

    // Half of the picks go to what was found lately: it is where the frontier is.
    private byte[] Pick() => _random.Next(2) == 0 ? _pool[_random.Next(_pool.Count)] : _pool[_random.Next(Math.Max(0, _pool.Count - 32), _pool.Count)];

    /// <returns>Whether the input took a new edge.</returns>
    private bool Execute(byte[] input)
    {
        last.Begin(input);
        coverage.Reset();
        var allocatedBytes = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();
        try
        {
            target.Execute(input);
        }
        catch (Exception e)
        {
            _faults.Add(input, e);
        }

        _slowestMs = Math.Max(_slowestMs, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        _heavy.Offer(input, GC.GetTotalAllocatedBytes() - allocatedBytes);
        _executions++;
        return coverage.Merge();
    }

    private byte[] Trim(byte[] input)
    {
        _ = Execute(input);
        var wanted = coverage.Taken().ToArray();
        var best = input;
        var block = Math.Max(1, input.Length / 4);
        for (var (tries, at) = (0, 0); tries < TrimExecutions && block > 0 && best.Length > 1; tries++)
        {
            if (at >= best.Length)
            {
                (block, at) = (block / 2, 0);
                continue;
            }

            byte[] shorter = [.. best.AsSpan(0, at), .. best.AsSpan(Math.Min(best.Length, at + block))];
            _ = Execute(shorter);
            if (coverage.Taken().SequenceEqual(wanted))
            {
                best = shorter;
            }
            else
            {
                at += block;
            }
        }

        return best;
    }

    private void Keep(byte[] input, bool isKept)
    {
        _pool.Add(input);
        last.Note(coverage.Edges, _pool.Count);
        if (isKept)
        {
            var folder = FuzzFolders.Found(target.Name);
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input);
        }
    }
}
