using System.Globalization;
using Sisa.Engine.Training;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Reporting;

/// <summary>The predicted cost of requests against their measured cost.</summary>
/// <param name="Requests">Requests that were served.</param>
/// <param name="Predicted">Item visits that were predicted, each request by itself.</param>
/// <param name="Measured">Item visits that were made for all of them together.</param>
public sealed record PredictionNote(int Requests, double Predicted, double Measured)
{
    /// <summary>Compares; <see langword="null"/> if no request was retrained.</summary>
    /// <param name="served">The requests, as they are now.</param>
    /// <param name="report">The training.</param>
    public static PredictionNote? Of(IEnumerable<RequestRow> served, TrainReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        RequestRow[] retrained = [.. served.Where(r => r.Summary.Visits is not null && r.Summary.PredictedVisits > 0)];
        double each = retrained.Sum(r => r.Summary.Visits ?? 0);

        // A stage that several requests had tainted counts for each of them, but was trained once. Other work of the run belongs to no request.
        return retrained.Length == 0 ? null : new PredictionNote(retrained.Length, retrained.Sum(r => r.Summary.PredictedVisits), report.Stages.Count > 0 ? Math.Min(each, report.Visits) : each);
    }

    /// <summary>The comparison in a sentence, with the reason of the difference.</summary>
    public override string ToString()
    {
        var difference = string.Create(CultureInfo.InvariantCulture, $"{100 * ((Measured / Predicted) - 1):+0.0;−0.0;0.0} %");
        var (predicted, measured) = (Figures.Count(Predicted), Figures.Count(Measured));
        return Requests == 1
            ? $"Predicted {predicted} item visits, measured {measured} ({difference}){(Math.Round(Predicted) == Measured ? string.Empty : ": a draw decides who takes part in a partial epoch, and items that were forgotten meanwhile are not visited")}."
            : $"Predicted {predicted} item visits for {Figures.Count(Requests)} requests one by one, measured {measured} ({difference}) for all of them together: each stage was trained once, without the items of any of them.";
    }
}
