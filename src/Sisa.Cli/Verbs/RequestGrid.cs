using Sisa.Cli.Terminal;
using Sisa.Engine.Reporting;
using Sisa.Forgetting;

namespace Sisa.Cli.Verbs;

/// <summary>Requests for people: a table of several, lines of one.</summary>
internal static class RequestGrid
{
    /// <summary>Writes a table.</summary>
    public static void Write(IReadOnlyList<RequestStatus> requests, Output output)
    {
        if (requests.Count == 0)
        {
            return;
        }

        Grid.Write(output.Data, ["request", "state", "reason", "received", "due", "items", "visits"], requests.Select(r => new[]
        {
            r.Id,
            State(r),
            KebabName.Of(r.Reason),
            $"{r.Received:yyyy-MM-dd HH:mm}",
            $"{r.Due:yyyy-MM-dd}",
            Items(r),
            Visits(r),
        }));
    }

    /// <summary>The details of one request.</summary>
    public static IEnumerable<(string Name, string Value)> Lines(RequestReport report)
    {
        var request = report.Request;
        yield return ("Request", request.Id);
        yield return ("State", State(request));
        yield return ("Reason", KebabName.Of(request.Reason));
        yield return ("Policy", KebabName.Of(request.Policy));
        yield return ("Received", Moment(request.Received));
        if (request.Recorded != request.Received)
        {
            yield return ("Recorded", Moment(request.Recorded));
        }

        yield return ("Due", Moment(request.Due) + (request.Summary.Extension is { } extension ? $", extended from {Moment(extension.From)} ({KebabName.Of(extension.Reason)})" : string.Empty));
        if (request.Waits is { } waits && request.Completed is null)
        {
            yield return ("Waits until", Moment(waits));
        }

        if (request.Completed is { } completed)
        {
            yield return ("Completed", Moment(completed));
        }

        if (request.Summary.Searched is { } searched)
        {
            yield return ("Found", $"nothing under {Figures.Count(searched.Named, "name")}, among {Figures.Count(searched.Items, "item")}");
        }
        else
        {
            yield return ("Items", Items(request));
            yield return ("Item visits", Visits(request));
        }

        yield return ("Certificate", report.Certificate ?? "none yet");
    }

    private static string State(RequestStatus request) => KebabName.Of(request.State) + (request.Overdue ? " OVERDUE" : string.Empty);

    private static string Items(RequestStatus request) => Figures.Count(request.Summary.Items) + (request.Summary.Spans > 0 ? $" + {Figures.Count(request.Summary.Spans, "span")}" : string.Empty);

    private static string Visits(RequestStatus request) => request.State == RequestState.NothingHeld ? "0" : request.Summary.Visits is { } visits ? Figures.Count(visits) : $"~{Figures.Count(request.Summary.PredictedVisits)}";

    private static string Moment(DateTimeOffset moment) => $"{moment:yyyy-MM-dd HH:mm:ss} UTC";
}
