using Sisa.Engine.Certifying;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Reporting;

/// <summary>A page of requests in a documented, stable shape; written as JSON with camel-case names.</summary>
/// <param name="Requests">The requests, the earliest due date first.</param>
/// <param name="Total">How many requests there are on all pages together.</param>
/// <param name="Next">Name of the last request of this page, behind which the next page begins; <see langword="null"/> on the last page.</param>
public sealed record RequestListReport(IReadOnlyList<RequestStatus> Requests, long Total, string? Next)
{
    /// <summary>Takes a page.</summary>
    /// <param name="store">The store.</param>
    /// <param name="filter">Which requests.</param>
    public static RequestListReport Of(Store store, RequestFilter filter)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(filter);

        // Read one more than a page holds, to see whether another page follows.
        var page = store.Manifest.Requests.List(filter with { Limit = filter.Limit + 1 }, store.Now);
        var (rows, now) = (page.Rows.Take(filter.Limit).ToArray(), store.Now);
        return new RequestListReport([.. rows.Select(r => RequestStatus.Of(r, now))], page.Total, page.Rows.Count > rows.Length ? rows[^1].Id : null);
    }
}

/// <summary>One request, and where its certificates are.</summary>
/// <param name="Request">The request.</param>
/// <param name="Certificate">Path of its certificate; <see langword="null"/> if there is none yet.</param>
/// <param name="AuditorCertificate">Path of the form for auditors.</param>
public sealed record RequestReport(RequestStatus Request, string? Certificate, string? AuditorCertificate)
{
    /// <summary>Takes a request.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="NotFoundException">There is no such request.</exception>
    public static RequestReport Of(Store store, string name)
    {
        ArgumentNullException.ThrowIfNull(store);
        var row = Row(store, name);
        return new RequestReport(RequestStatus.Of(row, store.Now), File(CertificateForm.Public), File(CertificateForm.Auditor));

        string? File(CertificateForm form) => CertificateFiles.PathOf(store, row.Id, form) is var path && System.IO.File.Exists(path) ? path : null;
    }

    /// <summary>The row of a request.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="NotFoundException">There is no such request.</exception>
    public static RequestRow Row(Store store, string name)
    {
        ArgumentNullException.ThrowIfNull(store);
        return RecordedRequest.Require(store, name, Step.ListRequests);
    }
}
