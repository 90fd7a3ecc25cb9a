using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Reporting;

/// <summary>The predicted cost of forgetting, in a documented, stable shape; written as JSON with camel-case names.</summary>
/// <param name="Shards">The cost of each affected shard.</param>
/// <param name="Visits">Predicted items × epochs of forgetting.</param>
/// <param name="FullVisits">Predicted items × epochs of training everything again without the items.</param>
/// <param name="Share">Share of a full retraining, from 0 to 1.</param>
/// <param name="Seconds">Predicted seconds of one worker; <see langword="null"/> if nothing was trained yet.</param>
public sealed record CostReport(IReadOnlyList<ShardCost> Shards, double Visits, double FullVisits, double Share, double? Seconds)
{
    /// <summary>Takes a plan.</summary>
    /// <param name="plan">The plan.</param>
    public static CostReport Of(ForgetPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new CostReport([.. plan.Shards.Select(s => new ShardCost(s.Shard.Value, s.ItemCount, s.CleanStage.Value, s.StageCount, s.Visits))], plan.Visits, plan.FullVisits, plan.Share, plan.Seconds);
    }
}

/// <summary>The cost of forgetting for one shard.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="Items">Items of it that are forgotten or cut.</param>
/// <param name="CleanSlice">Slice of its clean checkpoint; 0 where it starts over.</param>
/// <param name="Stages">Stages to train again.</param>
/// <param name="Visits">Predicted items × epochs.</param>
public sealed record ShardCost(int Shard, long Items, int CleanSlice, int Stages, double Visits);

/// <summary>A retraining for requests, in a documented, stable shape; written as JSON with camel-case names.</summary>
/// <param name="Visits">Items × epochs that were trained.</param>
/// <param name="PredictedVisits">Item visits that the requests were predicted to take; <see langword="null"/> if none was retrained.</param>
/// <param name="MeasuredVisits">Item visits that they took together.</param>
/// <param name="PredictedRequests">How many requests these are.</param>
/// <param name="Seconds">Wall seconds from the start to the publication.</param>
/// <param name="Stages">Stages that were trained.</param>
/// <param name="Epoch">Epoch of the bundle that is served now.</param>
public sealed record RetrainingReport(long Visits, double? PredictedVisits, double? MeasuredVisits, int? PredictedRequests, double Seconds, int Stages, long Epoch)
{
    /// <summary>Compares prediction and measurement, for all requests that shared the retraining, or for the one that another run retrained.</summary>
    /// <param name="store">The store.</param>
    /// <param name="request">The request that is asked about; <see langword="null"/> for none.</param>
    /// <param name="report">The retraining; <see langword="null"/> if there was none.</param>
    public static PredictionNote? Compare(Store store, RequestRow? request, TrainReport? report)
    {
        ArgumentNullException.ThrowIfNull(store);
        return report is null || request is null ? null : PredictionNote.Of(report.Requests.Count > 0 ? report.Requests : [store.Manifest.Requests.Get(request.Number)], report);
    }

    /// <summary>Takes what a retraining did.</summary>
    /// <param name="report">The retraining; <see langword="null"/> if none was done.</param>
    /// <param name="note">The prediction; <see langword="null"/> if there is none.</param>
    public static RetrainingReport? Of(TrainReport? report, PredictionNote? note) =>
        report is null ? null : new RetrainingReport(report.Visits, note?.Predicted, note?.Measured, note?.Requests, report.Seconds, report.Stages.Count, report.Epoch);
}
