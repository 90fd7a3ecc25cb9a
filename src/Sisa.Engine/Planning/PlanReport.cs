using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Engine.Planning;

/// <summary>What shards, slices and windows cost, in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record PlanReport
{
    /// <summary>Folder of the store; <see langword="null"/> for a corpus that is not there yet.</summary>
    public string? Store { get; init; }

    /// <summary>The corpus.</summary>
    public required PlanReportCorpus Corpus { get; init; }

    /// <summary>The requests that are expected.</summary>
    public required PlanReportRequests Requests { get; init; }

    /// <summary>What work takes; <see langword="null"/> if it is not known.</summary>
    public PlanRates? Rates { get; init; }

    /// <summary>Simulated years.</summary>
    public required int Draws { get; init; }

    /// <summary>Seed of the simulation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What a reader should know of how the question was understood.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What the recipe costs as declared.</summary>
    public required PlanReportCost Declared { get; init; }

    /// <summary>What the declared shards and slices cost with the other kind of assignment; <see langword="null"/> if there is none.</summary>
    public PlanReportCost? OtherAssignment { get; init; }

    /// <summary>What every candidate costs, the recipe as declared first.</summary>
    public required IReadOnlyList<PlanReportCost> Candidates { get; init; }

    /// <summary>What is proposed; <see langword="null"/> if there is no limit.</summary>
    public PlanReportProposal? Proposal { get; init; }

    /// <summary>Takes what was asked and what was found.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="costs">What the candidates cost, the recipe as declared first.</param>
    /// <param name="other">What the other kind of assignment costs; <see langword="null"/> for none.</param>
    /// <param name="proposal">What is proposed; <see langword="null"/> if there is no limit.</param>
    /// <param name="reasons">Why, in sentences.</param>
    public static PlanReport Of(PlanQuestion question, IReadOnlyList<SimulatedCost> costs, SimulatedCost? other, PlanProposal? proposal, IReadOnlyList<string> reasons)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(costs);
        return new PlanReport
        {
            Store = question.Store,
            Corpus = new PlanReportCorpus(question.Corpus.Items, question.Corpus.Subjects.Count, question.SubjectSizes, question.Fewest),
            Requests = new PlanReportRequests(question.Load.PerYear, question.Load.SubjectsPerRequest, question.Load.Classes),
            Rates = question.Rates,
            Draws = question.Draws,
            Seed = question.Seed,
            Notes = question.Notes,
            Declared = PlanReportCost.Of(costs[0], costs),
            OtherAssignment = other is null ? null : PlanReportCost.Of(other, costs),
            Candidates = [.. costs.Select(c => PlanReportCost.Of(c, costs))],
            Proposal = proposal is null ? null : new PlanReportProposal(
                proposal.Breaches.Count == 0,
                PlanReportCost.Of(proposal.Cost, costs),
                proposal.Breaches,
                [.. proposal.Neighbours.Select(n => new PlanReportNeighbour(n.Kind, n.Cost.Candidate.Ensemble.Shards, n.Cost.Candidate.Ensemble.Slices, n.Cost.Candidate.WindowHours, n.Breaches))],
                reasons),
        };
    }
}

/// <summary>The corpus of a plan.</summary>
/// <param name="Items">Items.</param>
/// <param name="Subjects">Subjects.</param>
/// <param name="SubjectSizes">Sizes of the subjects: <c>store</c>, <c>uniform</c> or <c>zipf:EXPONENT</c>.</param>
/// <param name="Poorest">What <see cref="PlanReportCost.FewestItems"/> counts.</param>
public sealed record PlanReportCorpus(long Items, int Subjects, string SubjectSizes, string Poorest);

/// <summary>The requests that a plan expects.</summary>
/// <param name="PerYear">Requests a year.</param>
/// <param name="PerRequest">Subjects that a request names.</param>
/// <param name="Classes">Risk classes.</param>
public sealed record PlanReportRequests(double PerYear, int PerRequest, IReadOnlyList<PlannedRisk> Classes);

/// <summary>What a plan proposes.</summary>
/// <param name="IsWithinLimits">Whether it keeps every limit.</param>
/// <param name="Cost">Its cost.</param>
/// <param name="Breaches">The limits that it does not keep.</param>
/// <param name="Neighbours">What differs from it in one thing.</param>
/// <param name="Reasons">Why it is proposed, in sentences.</param>
public sealed record PlanReportProposal(
    bool IsWithinLimits,
    PlanReportCost Cost,
    IReadOnlyList<BudgetBreach> Breaches,
    IReadOnlyList<PlanReportNeighbour> Neighbours,
    IReadOnlyList<string> Reasons);

/// <summary>A candidate that differs from the proposal in one thing.</summary>
/// <param name="Kind">In what.</param>
/// <param name="Shards">Its shards.</param>
/// <param name="Slices">Its slices.</param>
/// <param name="Window">Its window, in hours.</param>
/// <param name="Breaches">The limits that it does not keep.</param>
public sealed record PlanReportNeighbour(NeighbourKind Kind, int Shards, int Slices, double Window, IReadOnlyList<BudgetBreach> Breaches);

/// <summary>What a candidate costs.</summary>
public sealed record PlanReportCost
{
    /// <summary>Shards.</summary>
    public required int Shards { get; init; }

    /// <summary>Slices.</summary>
    public required int Slices { get; init; }

    /// <summary>Hours that requests may wait to share a retraining.</summary>
    public required double Window { get; init; }

    /// <summary>Risk classes; <see langword="null"/> if there are none.</summary>
    public IReadOnlyDictionary<string, RiskClass>? RiskClasses { get; init; }

    /// <summary>Item visits of the training.</summary>
    public required Spread TrainingVisits { get; init; }

    /// <summary>Item visits of one request alone.</summary>
    public required Spread RequestVisits { get; init; }

    /// <summary>Item visits of a retraining.</summary>
    public required Spread BatchVisits { get; init; }

    /// <summary>Item visits of a year.</summary>
    public required Spread YearVisits { get; init; }

    /// <summary>Requests of a year.</summary>
    public required Spread Requests { get; init; }

    /// <summary>Retrainings of a year.</summary>
    public required Spread Retrainings { get; init; }

    /// <summary>Stages of a year.</summary>
    public required Spread Stages { get; init; }

    /// <summary>Bytes of checkpoints that a year writes.</summary>
    public required Spread BytesWritten { get; init; }

    /// <summary>Hours that a request waits until it is done.</summary>
    public required Spread WaitHours { get; init; }

    /// <summary>Items of the rarest label in the poorest shard.</summary>
    public required Spread FewestItems { get; init; }

    /// <summary>Seconds of the training; <see langword="null"/> if rates are not known, as for all seconds.</summary>
    public Spread? TrainingSeconds { get; init; }

    /// <summary>Seconds of one request alone.</summary>
    public Spread? RequestSeconds { get; init; }

    /// <summary>Seconds of a retraining.</summary>
    public Spread? BatchSeconds { get; init; }

    /// <summary>Seconds of a year.</summary>
    public Spread? YearSeconds { get; init; }

    /// <summary>Share of a training that a request costs on average.</summary>
    public required double SharePerRequest { get; init; }

    /// <summary>Seconds that a request costs on average.</summary>
    public double? SecondsPerRequest { get; init; }

    /// <summary>Bytes of one checkpoint.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>Bytes of all checkpoints.</summary>
    public required long StorageBytes { get; init; }

    /// <summary>Whether another candidate is better in something and worse in nothing.</summary>
    public required bool IsDominated { get; init; }

    internal static PlanReportCost Of(SimulatedCost cost, IReadOnlyList<SimulatedCost> all)
    {
        var (ensemble, window) = (cost.Candidate.Ensemble, cost.Candidate.WindowHours);
        return new PlanReportCost
        {
            Shards = ensemble.Shards,
            Slices = ensemble.Slices,
            Window = window,
            RiskClasses = ensemble.RiskClasses.Count > 0 ? ensemble.RiskClasses : null,
            TrainingVisits = cost.TrainingVisits,
            RequestVisits = cost.RequestVisits,
            BatchVisits = cost.BatchVisits,
            YearVisits = cost.YearVisits,
            Requests = cost.Requests,
            Retrainings = cost.Retrainings,
            Stages = cost.Stages,
            BytesWritten = cost.BytesWritten,
            WaitHours = cost.WaitHours,
            FewestItems = cost.FewestPerClass,
            TrainingSeconds = cost.TrainingSeconds,
            RequestSeconds = cost.RequestSeconds,
            BatchSeconds = cost.BatchSeconds,
            YearSeconds = cost.YearSeconds,
            SharePerRequest = cost.SharePerRequest,
            SecondsPerRequest = cost.SecondsPerRequest,
            CheckpointBytes = cost.CheckpointBytes,
            StorageBytes = cost.StorageBytes,
            IsDominated = PlanSearch.IsDominated(cost, all),
        };
    }
}
