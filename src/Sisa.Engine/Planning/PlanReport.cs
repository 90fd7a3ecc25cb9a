using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Engine.Planning;

/// <summary>The cost of shards, slices and windows, in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record PlanReport
{
    /// <summary>Folder of the store; <see langword="null"/> for a corpus that is not there yet.</summary>
    public string? Store { get; init; }

    /// <summary>The corpus.</summary>
    public required PlanReportCorpus Corpus { get; init; }

    /// <summary>The requests that are expected.</summary>
    public required PlanReportRequests Requests { get; init; }

    /// <summary>Seconds of work; <see langword="null"/> if unknown.</summary>
    public PlanRates? Rates { get; init; }

    /// <summary>Simulated years.</summary>
    public required int Draws { get; init; }

    /// <summary>Seed of the simulation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Notes on how the question was understood.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The cost of the recipe as declared.</summary>
    public required PlanReportCost Declared { get; init; }

    /// <summary>The cost of the declared shards and slices with the other kind of assignment; <see langword="null"/> if there is none.</summary>
    public PlanReportCost? OtherAssignment { get; init; }

    /// <summary>The cost of every candidate, the recipe as declared first.</summary>
    public required IReadOnlyList<PlanReportCost> Candidates { get; init; }

    /// <summary>The proposal; <see langword="null"/> without a limit.</summary>
    public PlanReportProposal? Proposal { get; init; }

    /// <summary>Takes what was asked and what was found.</summary>
    /// <param name="question">The question.</param>
    /// <param name="costs">The costs of the candidates, the recipe as declared first.</param>
    /// <param name="other">The cost of the other kind of assignment; <see langword="null"/> for none.</param>
    /// <param name="proposal">The proposal; <see langword="null"/> without a limit.</param>
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
/// <param name="Items">Number of items.</param>
/// <param name="Subjects">Number of subjects.</param>
/// <param name="SubjectSizes">Sizes of the subjects: <c>store</c>, <c>uniform</c> or <c>zipf:EXPONENT</c>.</param>
/// <param name="Poorest">The label that <see cref="PlanReportCost.FewestItems"/> counts.</param>
public sealed record PlanReportCorpus(long Items, int Subjects, string SubjectSizes, string Poorest);

/// <summary>The requests that a plan expects.</summary>
/// <param name="PerYear">Requests a year.</param>
/// <param name="PerRequest">Subjects that a request names.</param>
/// <param name="Classes">Risk classes.</param>
public sealed record PlanReportRequests(double PerYear, int PerRequest, IReadOnlyList<PlannedRisk> Classes);

/// <summary>The proposal of a plan.</summary>
/// <param name="IsWithinLimits">Whether it keeps every limit.</param>
/// <param name="Cost">Its cost.</param>
/// <param name="Breaches">The limits that it does not keep.</param>
/// <param name="Neighbours">Candidates that differ from it in one setting.</param>
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

/// <summary>The cost of a candidate.</summary>
public sealed record PlanReportCost
{
    /// <summary>Number of shards.</summary>
    public required int Shards { get; init; }

    /// <summary>Number of slices.</summary>
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
