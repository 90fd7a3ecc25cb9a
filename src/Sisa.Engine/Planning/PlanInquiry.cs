using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Engine.Planning;

/// <summary>An inquiry for a plan: requests, candidates, and limits. The corpus comes from a store or from a <see cref="DeclaredCorpus"/>.</summary>
/// <remarks>Immutable. What is left empty is filled in by the recipe and by what is usual.</remarks>
public sealed record PlanInquiry
{
    /// <summary>Expected requests in a year, at least 0; 0 prices one request alone.</summary>
    public double RequestsPerYear { get; init; }

    /// <summary>Subjects that a request names, at least 1.</summary>
    public int SubjectsPerRequest { get; init; } = 1;

    /// <summary>Risk classes; empty for those of the recipe, if it has any.</summary>
    public IReadOnlyList<AskedRisk> Risks { get; init; } = [];

    /// <summary>Numbers of shards to compare, each at least 1; empty for the usual ones and the recipe's.</summary>
    public IReadOnlyList<int> Shards { get; init; } = [];

    /// <summary>Numbers of slices to compare, each at least 1; empty for the usual ones and the recipe's.</summary>
    public IReadOnlyList<int> Slices { get; init; } = [];

    /// <summary>Windows to compare, in hours; empty for the recipe's and, where requests are expected, the usual ones.</summary>
    public IReadOnlyList<double> Windows { get; init; } = [];

    /// <summary>The limits; none by default.</summary>
    public PlanBudget Budget { get; init; } = new();

    /// <summary>Seconds of training on one item once; <see langword="null"/> for what the store's training took.</summary>
    public double? SecondsPerVisit { get; init; }

    /// <summary>Further seconds of a stage, its checkpoint included; 0 if only <see cref="SecondsPerVisit"/> is given.</summary>
    public double? SecondsPerStage { get; init; }

    /// <summary>Further seconds of a retraining: starting, planning, publishing; 0 by default.</summary>
    public double? SecondsPerRun { get; init; }

    /// <summary>Simulated years, at least 1. Fewer are simulated where they would take too long, which the plan then says.</summary>
    public int Draws { get; init; } = 40;

    /// <summary>Seed of the simulation; equal seeds give equal plans.</summary>
    public ulong Seed { get; init; } = 17;

    /// <summary>The known seconds of work.</summary>
    /// <param name="survey">The survey of a store; <see langword="null"/> if there is none.</param>
    internal PlanRates? Rates(StoreSurvey? survey)
    {
        var known = SecondsPerVisit is { } visit ? new PlanRates(visit, SecondsPerStage ?? 0) : survey?.Rates;
        return known is null ? null : known with { PerRun = SecondsPerRun ?? 0 };
    }
}

/// <summary>A corpus that is not there yet.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Items">How many items it has, at least one a subject.</param>
/// <param name="Subjects">Number of subjects, at least 1.</param>
/// <param name="Exponent">The i-th subject has items in proportion to i to the power of minus this; 0 for equal sizes.</param>
public sealed record DeclaredCorpus(Recipe Recipe, long Items, int Subjects, double Exponent);

/// <summary>A risk class of an inquiry.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shares">The class's share of the subjects and of the requests; only the latter if the store knows the members.</param>
public sealed record AskedRisk(string Name, IReadOnlyList<double> Shares);

/// <summary>The parts of an inquiry contradict each other.</summary>
/// <param name="faults">Everything that is wrong, a sentence each.</param>
public sealed class PlanException(IReadOnlyList<string> faults) : SisaException(string.Join(' ', faults), null)
{
    /// <summary>Everything that is wrong, a sentence each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;

    /// <inheritdoc/>
    public override FaultKind Kind => FaultKind.Usage;
}
