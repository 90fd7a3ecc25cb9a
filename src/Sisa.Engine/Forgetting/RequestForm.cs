using Sisa.Forgetting;

namespace Sisa.Engine.Forgetting;

/// <summary>Checks the form of requests before anything is looked up: a request comes from anybody, and its name becomes the name of a file.</summary>
internal static class RequestForm
{
    /// <summary>Refuses requests that are malformed.</summary>
    /// <param name="requests">The requests.</param>
    /// <exception cref="RequestException">Some are; every fault is listed.</exception>
    public static void Require(IReadOnlyList<ForgetRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        foreach (var request in requests)
        {
            ArgumentNullException.ThrowIfNull(request, nameof(requests));
        }

        string[] faults =
        [
            .. requests.Where(r => r.Id is { } id && !ForgetRequest.IsName(id)).Select(r => $"'{r.Id}' is not a valid name of a request."),
            .. requests.Where(r => r.Id is not null).GroupBy(r => r.Id, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"{g.Count()} requests have the name '{g.Key}'."),
            .. requests.Where(r => r.Items.Count + r.Subjects.Count + r.Spans.Count == 0).Select(r => $"{Name(r)} names nothing that could be forgotten."),
            .. requests.Where(r => r.Items.Concat(r.Subjects).Concat(r.Spans.Select(s => s.Item)).Any(string.IsNullOrEmpty)).Select(r => $"{Name(r)} names an item or a subject by an empty text."),
            .. requests.SelectMany(r => r.Spans.Where(s => s.Span.From < 0 || s.Span.To <= s.Span.From).Select(s => $"{Name(r)} names the span {s.Span} of '{s.Item}', which is no range.")),
        ];
        if (faults.Length > 0)
        {
            throw new RequestException(faults, $"A name has 1 to {ForgetRequest.MaxNameLength} of the characters A-Z, a-z, 0-9, '.', '_' and '-', the first not '.'. A request names at least one item, subject or span.");
        }
    }

    private static string Name(ForgetRequest request) => request.Id is { } id ? $"Request '{id}'" : "The request";
}
