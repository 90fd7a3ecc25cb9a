using Sisa.Engine.Training;

namespace Sisa.Engine.Reporting;

/// <summary>A training that brought a store up to date, in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record TrainingReport
{
    /// <summary>Epoch of the bundle that is served now.</summary>
    public required long Epoch { get; init; }

    /// <summary>Stages that were trained.</summary>
    public required int Stages { get; init; }

    /// <summary>Items × epochs that were trained.</summary>
    public required long Visits { get; init; }

    /// <summary>Item visits that the finished requests were predicted to take; <see langword="null"/> if none was retrained.</summary>
    public double? PredictedVisits { get; init; }

    /// <summary>Item visits that they took together.</summary>
    public double? MeasuredVisits { get; init; }

    /// <summary>How many of them there are.</summary>
    public int? PredictedRequests { get; init; }

    /// <summary>Wall seconds from the start to the publication.</summary>
    public required double Seconds { get; init; }

    /// <summary>Names of the requests that were finished but for their certificates.</summary>
    public required IReadOnlyList<string> Requests { get; init; }

    /// <summary>Whether shards started over because the environment changed.</summary>
    public required bool EnvironmentChanged { get; init; }

    /// <summary>Takes what a training did.</summary>
    /// <param name="report">The training.</param>
    public static TrainingReport Of(TrainReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var note = PredictionNote.Of(report.Requests, report);
        return new TrainingReport
        {
            Epoch = report.Epoch,
            Stages = report.Stages.Count,
            Visits = report.Visits,
            PredictedVisits = note?.Predicted,
            MeasuredVisits = note?.Measured,
            PredictedRequests = note?.Requests,
            Seconds = report.Seconds,
            Requests = [.. report.Requests.Select(r => r.Id)],
            EnvironmentChanged = report.EnvironmentChanged,
        };
    }
}
