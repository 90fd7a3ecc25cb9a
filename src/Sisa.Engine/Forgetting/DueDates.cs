using System.Globalization;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>Moves due dates of requests.</summary>
/// <remarks>
/// The bounds are those of Article 12(3) of the GDPR, for every request: once, by two months at most, and before the request is due. The controller informs the person, with the
/// reason, within a month of the receipt. The reason is one of two words, because free text could name a person, and the evidence log keeps it forever.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class DueDates(Store store)
{
    /// <summary>Months by which a due date may be moved.</summary>
    public const int MostMonths = 2;

    /// <summary>Moves the due date of a request, once.</summary>
    /// <param name="name">Name of the request.</param>
    /// <param name="due">The new due date, after the present one.</param>
    /// <param name="reason">The reason.</param>
    /// <returns>The request as it is then.</returns>
    /// <exception cref="NotFoundException">There is no such request.</exception>
    /// <exception cref="RequestException">Its due date cannot be moved, or not to this one.</exception>
    public RequestRow Extend(string name, DateTimeOffset due, ExtensionReason reason) => store.Manifest.Write(() =>
    {
        var row = RecordedRequest.Require(store, name, Step.ListRequests);
        var now = store.Now;
        if (Fault(row, due, now) is { } fault)
        {
            throw new RequestException([fault], "A due date can be moved once, before the request is due, by at most two months (GDPR, Article 12(3)).");
        }

        var extended = Extended(row, due, now, reason);
        store.Manifest.Requests.Extend(extended);
        store.Log.Record(LogEvent.Extended, entry => entry with { Request = row.Id, Due = due, Note = KebabName.Of(reason) });
        return extended;
    });

    /// <summary>A request with another due date.</summary>
    internal static RequestRow Extended(RequestRow row, DateTimeOffset due, DateTimeOffset now, ExtensionReason reason) =>
        row with { Due = due, Summary = row.Summary with { Extension = new DueExtension(row.Due, now, reason) } };

    private static string? Fault(RequestRow row, DateTimeOffset due, DateTimeOffset now) =>
        row.Completed is not null ? $"Request '{row.Id}' is {KebabName.Of(row.State)}, so its due date is met."
        : row.Summary.Extension is { } earlier ? $"The due date of request '{row.Id}' was moved before, from {Day(earlier.From)} to {Day(row.Due)}."
        : now > row.Due ? $"Request '{row.Id}' was due on {Day(row.Due)}. A past due date cannot be moved."
        : due <= row.Due ? $"Request '{row.Id}' is due on {Day(row.Due)}. The new date, {Day(due)}, is not later."
        : due >= Latest(row.Due) ? $"Request '{row.Id}' is due on {Day(row.Due)}. The new date, {Day(due)}, is more than {MostMonths} months later."
        : null;

    // A day that is given counts to its end.
    private static DateTimeOffset Latest(DateTimeOffset due) => new(due.AddMonths(MostMonths).UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    private static string Day(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
