namespace Sisa.Checker;

/// <summary>What a check may expect of a store, beyond what must hold at every moment.</summary>
public sealed record CheckOptions
{
    /// <summary>Whether it has been recovered, so that nothing may be left over. Off by default.</summary>
    public bool IsAtRest { get; init; }

    /// <summary>Whether training is finished as well, so that every checkpoint stands on the slices as they are. Off by default.</summary>
    public bool IsUpToDate { get; init; }

    /// <summary>Whether everything that is purged must have its certificates. Off by default.</summary>
    public bool IsCertified { get; init; }

    /// <summary>What was seen and acknowledged before; nothing by default.</summary>
    public StoreMemory? Memory { get; init; }

    /// <summary>Earlier heads of the evidence log, signed notes as <c>evidence/checkpoint</c> held them; none by default.</summary>
    public IReadOnlyList<string> EarlierHeads { get; init; } = [];
}

/// <summary>Something that must hold and does not.</summary>
/// <param name="Invariant">Which: <c>I1</c> to <c>I9</c>.</param>
/// <param name="What">What was found.</param>
public sealed record CheckFault(string Invariant, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Invariant}: {What}";
}

/// <summary>What a check found.</summary>
/// <param name="Faults">What does not hold; empty when all is well.</param>
/// <param name="UnknownRoots">Slices in lineages of which no file is left and nothing is remembered, so that nobody can say what was in them.</param>
public sealed record CheckReport(IReadOnlyList<CheckFault> Faults, int UnknownRoots)
{
    /// <summary>Fails where something does not hold.</summary>
    /// <exception cref="InvalidOperationException">The message lists every fault.</exception>
    public void Demand()
    {
        if (Faults.Count > 0)
        {
            throw new InvalidOperationException(string.Join("\n", Faults));
        }
    }
}
