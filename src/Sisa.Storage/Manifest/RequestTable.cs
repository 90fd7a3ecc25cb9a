using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sisa.Forgetting;
using Sisa.Records;
using Sisa.Sharding;

namespace Sisa.Storage.Manifest;

/// <summary>Requests, what they name while they are pending, and what must outlive them.</summary>
public sealed class RequestTable
{
    private const string Columns = "number, id, state, reason, policy, received, due, waits, completed, epoch, summary, content, recorded";

    private static readonly RecordStyle Style = new(OmitsNulls: true);
    private static readonly string Unpurged = Quoted(RequestState.Received, RequestState.FallbackPublished, RequestState.Published);

    // What an earlier request names may still be there until its purge, so that "nothing was found" is certified only then.
    private static readonly string Owed = $"state = '{KebabName.Of(RequestState.Purged)}' OR (state = '{KebabName.Of(RequestState.NothingHeld)}' "
        + "AND NOT EXISTS (SELECT 1 FROM certificate WHERE certificate.request = request.number) "
        + $"AND request.number < coalesce((SELECT min(number) FROM request WHERE state IN {Unpurged}), 9223372036854775807))";

    private readonly SqliteConnection _connection;

    internal RequestTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Every request in order of receipt.</summary>
    public IReadOnlyList<RequestRow> All() => _connection.Query($"SELECT {Columns} FROM request ORDER BY number", Map);

    /// <summary>Requests that are not purged yet, in order of receipt.</summary>
    public IReadOnlyList<RequestRow> Pending() => _connection.Query($"SELECT {Columns} FROM request WHERE state IN {Unpurged} ORDER BY number", Map);

    /// <summary>Requests that need a certificate, in order of receipt: purged ones, and those that found nothing, after all earlier requests are purged.</summary>
    public IReadOnlyList<RequestRow> Uncertified() => _connection.Query($"SELECT {Columns} FROM request WHERE {Owed} ORDER BY number", Map);

    /// <summary>Number of requests that are owed a certificate.</summary>
    public long UncertifiedCount => _connection.Scalar<long>($"SELECT count(*) FROM request WHERE {Owed}");

    /// <summary>A page of requests, the earliest due date first.</summary>
    /// <param name="filter">Which requests.</param>
    /// <param name="now">The moment that decides what is overdue.</param>
    public RequestPage List(RequestFilter filter, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var (after, overdue) = (filter.After is null ? null : Timestamp.Format(filter.After.Due), filter.Overdue is { } is_ ? (object)(is_ ? 1 : 0) : null);
        object?[] values = [filter.States.Count > 0 ? JsonSerializer.Serialize(filter.States.Select(KebabName.Of)) : null, filter.DueBefore is { } due ? Timestamp.Format(due) : null, overdue, Timestamp.Format(now), after, filter.After?.Number, filter.Limit];

        // A page of all requests follows the index of due dates, and ends where it is full.
        var inState = filter.States.Count > 0 ? "state IN (SELECT value FROM json_each($1))" : "$1 IS NULL";
        var chosen = $"{inState} AND ($2 IS NULL OR due < $2) AND ($3 IS NULL OR (coalesce(completed, $4) > due) = $3)";
        var rows = _connection.Query(
            $"SELECT {Columns} FROM request WHERE number IN (SELECT number FROM request WHERE {chosen} AND ($5 IS NULL OR (due, number) > ($5, $6)) ORDER BY due, number LIMIT $7) ORDER BY due, number", Map, values);
        return new RequestPage(rows, _connection.Scalar<long>($"SELECT count(*) FROM request WHERE {chosen}", values[..4]));
    }

    /// <summary>Number of requests in each state; states without a request are absent.</summary>
    public IReadOnlyDictionary<RequestState, long> CountByState() => _connection
        .Query("SELECT state, count(*) FROM request GROUP BY state", r => (State: Parse<RequestState>(r.GetString(0)), Count: r.GetInt64(1)))
        .ToDictionary(c => c.State, c => c.Count);

    /// <summary>A request by its name.</summary>
    /// <param name="id">Name of the request.</param>
    public RequestRow? Find(string id) => _connection.Query($"SELECT {Columns} FROM request WHERE id = $1", Map, id).SingleOrDefault();

    /// <summary>Requests by their names; unknown ones are absent from the answer.</summary>
    /// <param name="ids">Names of requests.</param>
    public IReadOnlyDictionary<string, RequestRow> Find(IReadOnlyCollection<string> ids) => _connection
        .Query($"SELECT {Columns} FROM request WHERE id IN (SELECT value FROM json_each($1))", Map, JsonSerializer.Serialize(ids.Distinct()))
        .ToDictionary(r => r.Id, StringComparer.Ordinal);

    /// <summary>A request by its number.</summary>
    /// <param name="number">Number of a recorded request.</param>
    public RequestRow Get(long number) => _connection.Query($"SELECT {Columns} FROM request WHERE number = $1", Map, number).Single();

    /// <summary>Records a new request.</summary>
    /// <param name="row">The request; its number is ignored.</param>
    /// <returns>Its number.</returns>
    public long Add(RequestRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return _connection.Scalar<long>(
            "INSERT INTO request (id, state, reason, policy, received, due, waits, content, summary, completed, epoch, recorded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING number",
            row.Id,
            KebabName.Of(row.State),
            KebabName.Of(row.Reason),
            KebabName.Of(row.Policy),
            Timestamp.Format(row.Received),
            Timestamp.Format(row.Due),
            row.Waits is { } waits ? Timestamp.Format(waits) : null,
            row.Content.ToBytes(),
            Write(row.Summary),
            row.Completed is { } completed ? Timestamp.Format(completed) : null,
            row.Epoch,
            row.Recorded is { } recorded ? Timestamp.Format(recorded) : null);
    }

    /// <summary>Moves a due date.</summary>
    /// <param name="row">The request, with the new due date and the extension in its summary.</param>
    public void Extend(RequestRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        _connection.Execute("UPDATE request SET due = $2, summary = $3 WHERE number = $1", row.Number, Timestamp.Format(row.Due), Write(row.Summary));
    }

    /// <summary>Records a request's progress: state, waiting, completion, epoch and summary.</summary>
    /// <param name="row">The request as it is now.</param>
    public void Update(RequestRow row) => Update([row]);

    /// <summary>Records the progress of requests.</summary>
    /// <param name="rows">The requests as they are now.</param>
    public void Update(IReadOnlyCollection<RequestRow> rows) => _connection.ExecuteMany(
        "UPDATE request SET state = $2, waits = $3, completed = $4, epoch = $5, summary = $6 WHERE number = $1",
        rows.Select(row => new object?[]
        {
            row.Number,
            KebabName.Of(row.State),
            row.Waits is { } waits ? Timestamp.Format(waits) : null,
            row.Completed is { } completed ? Timestamp.Format(completed) : null,
            row.Epoch,
            Write(row.Summary),
        }));

    /// <summary>Records that purged requests are certified. Other requests stay as they are.</summary>
    /// <param name="requests">Numbers of the requests.</param>
    public void MarkCertified(IEnumerable<long> requests) => _connection.Execute(
        "UPDATE request SET state = $2 WHERE state = $3 AND number IN (SELECT value FROM json_each($1))", JsonSerializer.Serialize(requests), KebabName.Of(RequestState.Certified), KebabName.Of(RequestState.Purged));

    /// <summary>The targets of pending requests, in a fixed order.</summary>
    public IReadOnlyList<TargetRow> Targets() => _connection.Query(
        "SELECT request, item, coalesce(subject, item), shard, slice, span_from, span_to, applied FROM target ORDER BY shard, slice, item, span_from",
        r => new TargetRow(
            r.GetInt64(0),
            r.GetString(1),
            r.GetString(2),
            new Placement(new ShardId(r.GetInt32(3)), new SliceIndex(r.GetInt32(4))),
            r.IsDBNull(5) ? null : new TextSpan(r.GetInt32(5), r.GetInt32(6)),
            r.GetInt64(7) != 0));

    /// <summary>Whether a checkpoint of a stage would have seen something that has been named since its slices were last rewritten.</summary>
    /// <param name="place">Shard and stage.</param>
    public bool IsTainted(Placement place) => _connection.Scalar<long>(
        "SELECT EXISTS (SELECT 1 FROM target WHERE shard = $1 AND slice <= $2 AND applied = 0)", place.Shard.Value, place.Slice.Value) != 0;

    /// <summary>Records what a request names.</summary>
    /// <param name="target">An item or a span of it.</param>
    public void AddTarget(TargetRow target) => AddTargets([target]);

    /// <summary>Records what requests name.</summary>
    /// <param name="targets">Items and spans of items.</param>
    public void AddTargets(IEnumerable<TargetRow> targets) => _connection.ExecuteMany(
        "INSERT INTO target VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        targets.Select(target => new object?[]
        {
            target.Request,
            target.Item,
            target.Subject == target.Item ? null : target.Subject,
            target.Place.Shard.Value,
            target.Place.Slice.Value,
            target.Span?.From,
            target.Span?.To,
            target.Applied ? 1 : 0,
        }));

    /// <summary>Records that a slice has been rewritten without its targets.</summary>
    /// <param name="place">The slice.</param>
    /// <param name="upToRequest">Newest request whose targets the rewriting took into account.</param>
    public void MarkApplied(Placement place, long upToRequest) => _connection.Execute(
        "UPDATE target SET applied = 1 WHERE shard = $1 AND slice = $2 AND request <= $3", place.Shard.Value, place.Slice.Value, upToRequest);

    /// <summary>Removes what a request named (rule E9).</summary>
    /// <param name="request">Number of the request.</param>
    public void DeleteTargets(long request) => _connection.Execute("DELETE FROM target WHERE request = $1", request);

    /// <summary>Records that something was forgotten.</summary>
    /// <param name="mark">Keyed hash of kind and id.</param>
    /// <param name="kind"><c>item</c>, <c>subject</c>, <c>span</c> for a part of an item, or <c>emptied</c> for a subject of whom no item was left.</param>
    /// <param name="request">Number of the request.</param>
    public void AddTombstone(Digest mark, string kind, long request) => AddTombstones([(mark, kind, request)]);

    /// <summary>Records that things were forgotten.</summary>
    /// <param name="tombstones">Keyed hash, kind and number of the request of each.</param>
    public void AddTombstones(IEnumerable<(Digest Mark, string Kind, long Request)> tombstones) => ChangeTombstones(() => _connection.ExecuteMany(
        "INSERT INTO tombstone VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET request = excluded.request",
        tombstones.Select(t => new object?[] { t.Mark.ToBytes(), t.Kind, t.Request })));

    /// <summary>Whether something was forgotten.</summary>
    /// <param name="mark">Keyed hash of kind and id.</param>
    public bool HasTombstone(Digest mark) => _connection.Scalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone WHERE mark = $1)", mark.ToBytes()) != 0;

    /// <summary>Whether anything was forgotten and not taken back.</summary>
    public bool HasTombstones => _connection.Scalar<long>("SELECT EXISTS (SELECT 1 FROM tombstone)") != 0;

    /// <summary>The given marks that have tombstones.</summary>
    /// <param name="marks">Keyed hashes of kind and id.</param>
    public IReadOnlySet<Digest> Tombstones(IReadOnlyCollection<Digest> marks) => _connection
        .Query("SELECT mark FROM json_each($1) AS wanted JOIN tombstone ON mark = unhex(wanted.value)", r => new Digest((byte[])r[0]), JsonSerializer.Serialize(marks.Order()))
        .ToHashSet();

    /// <summary>Whether the tombstones are those that this program recorded, together with the log: by a sum that the manifest's triggers keep, so that it costs nothing. A change by another program shows.</summary>
    public bool HasOwnTombstones => _connection.Scalar<long>("SELECT EXISTS (SELECT 1 FROM setting WHERE name = 'tombstones' AND value = (SELECT CAST(value AS TEXT) FROM tally WHERE name = 'tombstones'))") != 0;

    /// <summary>Number of items forgotten and not taken back, as the manifest's triggers keep it; equal to <see cref="TombstoneCount"/>, and costs nothing.</summary>
    public long KeptTombstoneCount => _connection.Scalar<long>("SELECT value FROM tally WHERE name = 'forgotten'");

    /// <summary>Number of items forgotten and not taken back, counted.</summary>
    public long TombstoneCount => _connection.Scalar<long>("SELECT count(*) FROM tombstone WHERE kind = 'item'");

    /// <summary>Number of the newest request, which shows whether a request came since.</summary>
    public long LastRequest => _connection.Scalar<long>("SELECT coalesce(max(number), 0) FROM request");

    /// <summary>Every mark of a forgotten item, for checks of many items at once.</summary>
    public IReadOnlySet<Digest> ItemTombstones() => Tombstones("item");

    /// <summary>Every mark of a forgotten subject.</summary>
    public IReadOnlySet<Digest> SubjectTombstones() => Tombstones("subject");

    /// <summary>Every mark of an item from whose text something was cut.</summary>
    public IReadOnlySet<Digest> SpanTombstones() => Tombstones("span");

    /// <summary>Every tombstone: its kind, and the name of the request that last asked for it.</summary>
    public IReadOnlyDictionary<Digest, (string Kind, string Request)> Tombstones() => _connection
        .Query("SELECT mark, kind, id FROM tombstone LEFT JOIN request ON number = request", r => (Mark: new Digest((byte[])r[0]), Kind: r.GetString(1), Request: r.Text(2) ?? string.Empty))
        .ToDictionary(t => t.Mark, t => (t.Kind, t.Request));

    /// <summary>Takes a forgotten id back on purpose; recorded.</summary>
    /// <param name="mark">Keyed hash of kind and id.</param>
    /// <param name="now">The current time.</param>
    public void Readmit(Digest mark, DateTimeOffset now)
    {
        ChangeTombstones(() => _connection.Execute("DELETE FROM tombstone WHERE mark = $1", mark.ToBytes()));
        _connection.Execute("INSERT INTO readmission (mark, at) VALUES ($1, $2)", mark.ToBytes(), Timestamp.Format(now));
    }

    /// <summary>Ranges cut out of an item.</summary>
    /// <param name="item">The item.</param>
    public CutRanges Cuts(string item) =>
        new(_connection.Query("SELECT span_from, span_to FROM cut WHERE item = $1", r => new TextSpan(r.GetInt32(0), r.GetInt32(1)), item));

    /// <summary>Ranges cut out of items; those without are absent from the answer.</summary>
    /// <param name="items">The items.</param>
    public IReadOnlyDictionary<string, CutRanges> Cuts(IReadOnlyCollection<string> items) =>
        Grouped("SELECT item, span_from, span_to FROM json_each($1) AS wanted JOIN cut ON item = wanted.value", JsonSerializer.Serialize(items.Distinct()));

    /// <summary>Every item with cuts.</summary>
    public IReadOnlyDictionary<string, CutRanges> AllCuts() => Grouped("SELECT item, span_from, span_to FROM cut");

    /// <summary>Replaces the ranges cut out of an item; none when the item is gone.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cuts">All of its ranges.</param>
    public void SetCuts(string item, CutRanges cuts)
    {
        ArgumentNullException.ThrowIfNull(cuts);
        _connection.Execute("DELETE FROM cut WHERE item = $1", item);
        foreach (var range in cuts.Ranges)
        {
            _connection.Execute("INSERT INTO cut VALUES ($1, $2, $3)", item, range.From, range.To);
        }
    }

    private Dictionary<string, CutRanges> Grouped(string sql, params object?[] values) => _connection
        .Query(sql, r => (Item: r.GetString(0), Span: new TextSpan(r.GetInt32(1), r.GetInt32(2))), values)
        .GroupBy(c => c.Item, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => new CutRanges(g.Select(c => c.Span)), StringComparer.Ordinal);

    // What the sum changes by is this program's doing; what it was before may be another's, and stays to be seen.
    private void ChangeTombstones(Action change)
    {
        const string Sum = "SELECT value FROM tally WHERE name = 'tombstones'";
        var before = _connection.Scalar<long>(Sum);
        change();
        _connection.Execute("UPDATE setting SET value = CAST((CAST(value AS INTEGER) + $1) & 1152921504606846975 AS TEXT) WHERE name = 'tombstones'", _connection.Scalar<long>(Sum) - before);
    }

    private HashSet<Digest> Tombstones(string kind) =>
        [.. _connection.Query("SELECT mark FROM tombstone WHERE kind = $1", r => new Digest((byte[])r[0]), kind)];

    private static string Quoted(params RequestState[] states) => $"({string.Join(", ", states.Select(state => $"'{KebabName.Of(state)}'"))})";

    private static T Parse<T>(string name)
        where T : struct, Enum => Names<T>.Values[name];

    private static RequestRow Map(SqliteDataReader r) => new()
    {
        Number = r.GetInt64(0),
        Id = r.GetString(1),
        State = Parse<RequestState>(r.GetString(2)),
        Reason = Parse<ForgetReason>(r.GetString(3)),
        Policy = Parse<ForgetPolicy>(r.GetString(4)),
        Received = Timestamp.Parse(r.GetString(5)),
        Due = Timestamp.Parse(r.GetString(6)),
        Waits = r.IsDBNull(7) ? null : Timestamp.Parse(r.GetString(7)),
        Completed = r.IsDBNull(8) ? null : Timestamp.Parse(r.GetString(8)),
        Epoch = r.IsDBNull(9) ? null : r.GetInt64(9),
        Summary = RecordJson.Read<RequestSummary>(r.GetString(10), Style),
        Content = new Digest((byte[])r[11]),
        Recorded = r.IsDBNull(12) ? null : Timestamp.Parse(r.GetString(12)),
    };

    // Once a type, not once a row.
    private static class Names<T>
        where T : struct, Enum
    {
        public static IReadOnlyDictionary<string, T> Values { get; } = KebabName.All<T>();
    }

    private static string Write(RequestSummary summary) => RecordJson.Write(summary, Style);
}
