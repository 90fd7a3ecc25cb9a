using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Engine.Planning;

/// <summary>A question that can be simulated: a corpus, requests, candidates, and limits.</summary>
public sealed record PlanQuestion
{
    /// <summary>The recipe as declared.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The store that the corpus was taken from; <see langword="null"/> if it is made up.</summary>
    public required string? Store { get; init; }

    /// <summary>The corpus.</summary>
    public required PlannedCorpus Corpus { get; init; }

    /// <summary>Sizes of the subjects, as declared: <c>store</c>, <c>uniform</c> or <c>zipf:EXPONENT</c>.</summary>
    public required string SubjectSizes { get; init; }

    /// <summary>The label that <see cref="SimulatedCost.FewestPerClass"/> counts: the store's rarest label, or any of equally frequent labels.</summary>
    public required string Fewest { get; init; }

    /// <summary>The requests.</summary>
    public required RequestLoad Load { get; init; }

    /// <summary>Seconds of work, or <see langword="null"/>.</summary>
    public required PlanRates? Rates { get; init; }

    /// <summary>The limits.</summary>
    public required PlanBudget Budget { get; init; }

    /// <summary>Candidates; the first is the recipe as declared.</summary>
    public required IReadOnlyList<PlanCandidate> Candidates { get; init; }

    /// <summary>The declared shards and slices with the other kind of assignment: with risk classes where the recipe has none, without them where it has.</summary>
    public required PlanCandidate? OtherAssignment { get; init; }

    /// <summary>Simulated years.</summary>
    public required int Draws { get; init; }

    /// <summary>Seed of the simulation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Notes on how the question was understood.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
