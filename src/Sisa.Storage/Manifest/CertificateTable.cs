using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Signed statements about requests, and the commitments that they may name items by.</summary>
public sealed class CertificateTable
{
    private readonly SqliteConnection _connection;

    internal CertificateTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Records the commitments of a request, instead of earlier ones.</summary>
    /// <param name="request">Number of the request.</param>
    /// <param name="values">Commitments to what was found; to what was searched for, where nothing was.</param>
    /// <param name="notFound">Commitments to names that were not found, where others were.</param>
    public void SetCommitments(long request, IEnumerable<Digest> values, IEnumerable<Digest>? notFound = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        _connection.Execute("DELETE FROM commitment WHERE request = $1", request);
        _connection.ExecuteMany("INSERT INTO commitment (request, value, found) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", values.Select(value => Row(value, isFound: true)).Concat((notFound ?? []).Select(value => Row(value, isFound: false))));

        object?[] Row(Digest value, bool isFound) => [request, value.ToBytes(), isFound ? 1 : 0];
    }

    /// <summary>Commitments of some requests, each in ascending order, and whether what they are about was found.</summary>
    /// <param name="requests">Numbers of the requests.</param>
    public ILookup<(long Request, bool IsFound), Digest> Commitments(IEnumerable<long> requests) => _connection
        .Query("SELECT request, found, commitment.value FROM json_each($1) AS wanted CROSS JOIN commitment ON request = wanted.value ORDER BY request, commitment.value", r => (Key: (r.GetInt64(0), r.GetInt64(1) != 0), Value: new Digest((byte[])r[2])), JsonSerializer.Serialize(requests))
        .ToLookup(c => c.Key, c => c.Value);

    /// <summary>Whether there is any signed statement.</summary>
    public bool IsEmpty => _connection.Scalar<long>("SELECT EXISTS (SELECT 1 FROM certificate)") == 0;

    /// <summary>Whether there is a signed statement about a request.</summary>
    /// <param name="request">Number of the request.</param>
    public bool Has(long request) => _connection.Scalar<long>("SELECT EXISTS (SELECT 1 FROM certificate WHERE request = $1)", request) != 0;

    /// <summary>The given requests that have a signed statement.</summary>
    /// <param name="requests">Numbers of the requests.</param>
    public IReadOnlySet<long> Among(IEnumerable<long> requests) =>
        _connection.Query("SELECT value FROM json_each($1) AS wanted WHERE EXISTS (SELECT 1 FROM certificate WHERE request = wanted.value)", r => r.GetInt64(0), JsonSerializer.Serialize(requests)).ToHashSet();

    /// <summary>Which statements there are, without their text, oldest request first.</summary>
    public IReadOnlyList<CertificateKey> Keys() => _connection.Query(
        "SELECT request.number, request.id, form FROM certificate JOIN request ON request.number = certificate.request ORDER BY request.number, form",
        r => new CertificateKey(r.GetInt64(0), r.GetString(1), r.GetString(2)));

    /// <summary>Signed statements by request and form, oldest request first.</summary>
    public IReadOnlyList<CertificateRow> All() => Rows("certificate");

    /// <summary>Signed statements about some requests, in the same order.</summary>
    /// <param name="requests">Numbers of the requests.</param>
    public IReadOnlyList<CertificateRow> Of(IEnumerable<long> requests) => Rows("json_each($1) AS wanted CROSS JOIN certificate ON certificate.request = wanted.value", JsonSerializer.Serialize(requests));

    private List<CertificateRow> Rows(string from, params object?[] values) => _connection.Query(
        $"SELECT request.number, request.id, form, envelope FROM {from} JOIN request ON request.number = certificate.request ORDER BY request.number, form",
        r => new CertificateRow(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3)),
        values);

    /// <summary>Records a signed statement, or replaces an older one of the same form.</summary>
    /// <param name="request">Number of the request.</param>
    /// <param name="form">Who it is for.</param>
    /// <param name="envelope">JSON of the envelope.</param>
    public void Set(long request, string form, string envelope) => Set([new CertificateRow(request, string.Empty, form, envelope)]);

    /// <summary>Records signed statements, or replaces older ones of the same forms.</summary>
    /// <param name="rows">The statements; the names of their requests do not count.</param>
    public void Set(IEnumerable<CertificateRow> rows) => _connection.ExecuteMany(
        "INSERT INTO certificate VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET envelope = excluded.envelope", rows.Select(row => new object?[] { row.Request, row.Form, row.Envelope }));
}

/// <summary>Which signed statement it is.</summary>
/// <param name="Request">Number of the request.</param>
/// <param name="RequestId">Its name.</param>
/// <param name="Form">Who it is for.</param>
public sealed record CertificateKey(long Request, string RequestId, string Form);

/// <summary>A signed statement.</summary>
/// <param name="Request">Number of the request.</param>
/// <param name="RequestId">Its name.</param>
/// <param name="Form">Who it is for.</param>
/// <param name="Envelope">JSON of the envelope.</param>
public sealed record CertificateRow(long Request, string RequestId, string Form, string Envelope);
