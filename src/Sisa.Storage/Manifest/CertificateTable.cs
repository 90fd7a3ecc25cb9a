using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Signed statements about requests, and the commitments that they may name items by.</summary>
public sealed class CertificateTable
{
    private readonly SqliteConnection _connection;

    internal CertificateTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Commitments of a request, in ascending order.</summary>
    /// <param name="request">Number of the request.</param>
    public IReadOnlyList<Digest> Commitments(long request) =>
        _connection.Query("SELECT value FROM commitment WHERE request = $1 ORDER BY value", r => new Digest((byte[])r[0]), request);

    /// <summary>Records the commitments of a request, instead of earlier ones.</summary>
    /// <param name="request">Number of the request.</param>
    /// <param name="values">The commitments.</param>
    public void SetCommitments(long request, IEnumerable<Digest> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        _connection.Execute("DELETE FROM commitment WHERE request = $1", request);
        _connection.ExecuteMany("INSERT INTO commitment VALUES ($1, $2) ON CONFLICT DO NOTHING", values.Select(value => new object?[] { request, value.ToBytes() }));
    }

    /// <summary>Signed statements by request and form, oldest request first.</summary>
    public IReadOnlyList<CertificateRow> All() => _connection.Query(
        "SELECT request.number, request.id, form, envelope FROM certificate JOIN request ON request.number = certificate.request ORDER BY request.number, form",
        r => new CertificateRow(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3)));

    /// <summary>Records a signed statement, or replaces an older one of the same form.</summary>
    /// <param name="request">Number of the request.</param>
    /// <param name="form">Who it is for.</param>
    /// <param name="envelope">JSON of the envelope.</param>
    public void Set(long request, string form, string envelope) => _connection.Execute(
        "INSERT INTO certificate VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET envelope = excluded.envelope", request, form, envelope);
}

/// <summary>A signed statement.</summary>
/// <param name="Request">Number of the request.</param>
/// <param name="RequestId">Its name.</param>
/// <param name="Form">Who it is for.</param>
/// <param name="Envelope">JSON of the envelope.</param>
public sealed record CertificateRow(long Request, string RequestId, string Form, string Envelope);
