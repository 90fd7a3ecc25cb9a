using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>What became of each thing that a request names.</summary>
public sealed record ForgetOutcome
{
    /// <summary>Name of the request; <see langword="null"/> where none was given and none was recorded.</summary>
    public required string? Request { get; init; }

    /// <summary>Items and spans that will be forgotten now.</summary>
    public required IReadOnlyList<TargetRow> Targets { get; init; }

    /// <summary>Ids and subjects that the store does not hold.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>Ids, subjects and spans that were forgotten before.</summary>
    public required IReadOnlyList<string> AlreadyForgotten { get; init; }

    /// <summary>What it will cost.</summary>
    public required ForgetPlan Plan { get; init; }

    /// <summary>What the requester gets, and nobody else; <see langword="null"/> where nothing is recorded or all is done.</summary>
    public RequesterCopy? Copy { get; init; }

    /// <summary>The request as it was recorded; <see langword="null"/> when there was nothing to record.</summary>
    public RequestRow? Recorded { get; init; }
}

/// <summary>Receives requests to forget, and takes what they name out of what is served.</summary>
/// <remarks>
/// Needs no lock on the store, so it works while another process trains. Order of writes, and what a crash after each leaves:
/// 1. one transaction records the request, its targets and their tombstones — the request is acknowledged, and recovery goes on;
/// 2. one transaction points the bundle at clean checkpoints and raises the epoch — nothing served has seen the targets.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class Forgetter(Store store)
{
    /// <summary>Finds out what a request names and what it will cost. Changes nothing.</summary>
    /// <param name="request">The request.</param>
    public ForgetOutcome Plan(ForgetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var resolver = new TargetResolver(store);
        var resolution = resolver.Resolve(request);
        return new ForgetOutcome
        {
            Request = request.Id,
            Targets = resolution.Targets,
            Unknown = resolution.Unknown,
            AlreadyForgotten = resolution.AlreadyForgotten,
            Plan = MakePlan(resolution.Targets),
        };
    }

    /// <summary>Records a request durably. Receiving one of the same name again changes nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="waits">Until when its retraining may wait, or <see langword="null"/> for not at all.</param>
    /// <exception cref="StorageIoException">It could not be recorded; it is not acknowledged.</exception>
    public ForgetOutcome Receive(ForgetRequest request, DateTimeOffset? waits = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        return store.Manifest.Write(() =>
        {
            var planned = Plan(request);
            var content = Content(request);
            if (request.Id is not null && store.Manifest.Requests.Find(request.Id) is { } known)
            {
                var repeated = Repeated(planned, known, content);
                return repeated with { Copy = Commit(known, [.. store.Manifest.Requests.Targets().Where(t => t.Request == known.Number)]) };
            }

            if (planned.Targets.Count == 0)
            {
                return planned;
            }

            var now = store.Now;
            var row = new RequestRow
            {
                Id = request.Id ?? FreeName(),
                Content = content,
                State = RequestState.Received,
                Reason = request.Reason,
                Policy = request.Policy,
                Received = now,
                Due = now.AddDays(store.Recipe.Requests.DueDays),
                Waits = waits,
                Summary = new RequestSummary
                {
                    Items = planned.Targets.Count(t => t.Span is null),
                    Spans = planned.Targets.Count(t => t.Span is not null),
                    Subjects = planned.Targets.Select(t => t.Subject).Distinct().Count(),
                    Shards = planned.Plan.Shards.Count,
                    PredictedVisits = planned.Plan.Visits,
                    FullVisits = planned.Plan.FullVisits,
                },
            };
            row = row with { Number = store.Manifest.Requests.Add(row) };
            Record(request, planned.Targets, row);
            return planned with { Request = row.Id, Recorded = row, Copy = Commit(row, planned.Targets) };
        });
    }

    /// <summary>Points the bundle at checkpoints that never saw what a request names. Doing it twice changes nothing.</summary>
    /// <param name="number">Number of the request.</param>
    /// <returns>The request as it is then.</returns>
    public RequestRow PublishFallback(long number) => store.Manifest.Write(() =>
    {
        var pending = store.Manifest.Requests.Pending();

        // Another process may have served the request since, and purged it.
        var request = store.Manifest.Requests.Get(number);
        if (request.State != RequestState.Received)
        {
            return request;
        }

        var unpublished = pending.Where(r => r.State < RequestState.Published).ToDictionary(r => r.Number);
        var targets = store.Manifest.Requests.Targets().Where(t => unpublished.ContainsKey(t.Request)).ToArray();
        var served = store.Manifest.Bundle.Served();
        var affected = targets.Where(t => t.Request == number).Select(t => t.Place.Shard).ToHashSet();
        foreach (var history in store.Histories().Where(h => affected.Contains(h.Shard)))
        {
            var here = targets.Where(t => t.Place.Shard == history.Shard).ToArray();
            var excluded = here.Any(t => unpublished[t.Request].Policy == ForgetPolicy.Exclude);
            var clean = history.Clean(store.RecipeDigest, [.. here.Select(t => (t.Place.Slice, t.Applied))]);
            if (served.ContainsKey(history.Shard))
            {
                store.Manifest.Bundle.Set(history.Shard, excluded ? null : clean?.Digest);
            }
        }

        if (request.Policy == ForgetPolicy.Suspend)
        {
            store.Manifest.Settings["suspended"] = "1";
        }

        foreach (var place in targets.Where(t => t.Request == number).Select(t => t.Place).Distinct())
        {
            store.Manifest.Exports.Recall(place);
        }

        // The bundle before was tainted: what is kept of it must tell nothing, so its nonce is drawn and forgotten here (rule E9).
        var before = Digest.Keyed(Convert.FromHexString(RequesterCopy.NewCode()), BundleDigest.Of(served).ToBytes());
        var done = request with
        {
            State = RequestState.FallbackPublished,
            Epoch = store.Manifest.Settings.NextEpoch(),
            Summary = request.Summary with { BundleBefore = before },
        };
        store.Manifest.Requests.Update(done);
        store.Log.Record(LogEvent.FallbackPublished, entry => entry with { Request = request.Id });
        return done;
    });

    private static ForgetOutcome Repeated(ForgetOutcome planned, RequestRow known, Digest content)
    {
        const string Hint = "Give this request another name, or none to have one drawn.";
        if (known.Content != content)
        {
            throw new StoreException($"Request '{known.Id}' was received before, and asked for something else.", Hint);
        }

        return planned.Targets.Count == 0
            ? planned with { Recorded = known }
            : throw new StoreException($"Request '{known.Id}' was received before; {planned.Targets.Count} items or spans that it names were added or taken back since.", Hint);
    }

    // Drawn inside the transaction that records it, so that two commands at once never draw the same.
    private string FreeName()
    {
        for (var number = store.Manifest.Requests.LastRequest + 1; ; number++)
        {
            var name = $"request-{number:0000}";
            if (store.Manifest.Requests.Find(name) is null)
            {
                return name;
            }
        }
    }

    // Keyed, because the row outlives what it names (rule E9).
    private Digest Content(ForgetRequest request) => store.ContentMark(JsonSerializer.Serialize(new
    {
        Items = request.Items.Distinct().Order(StringComparer.Ordinal),
        Subjects = request.Subjects.Distinct().Order(StringComparer.Ordinal),
        Spans = request.Spans.Distinct().OrderBy(s => s.Item, StringComparer.Ordinal).ThenBy(s => s.Span.From).ThenBy(s => s.Span.To),
    }));

    private ForgetPlan MakePlan(IReadOnlyList<TargetRow> targets) => ForgetPlan.Make(
        store.Recipe,
        store.RecipeDigest,
        store.Histories(),
        targets.Where(t => t.Span is null).GroupBy(t => t.Place).ToDictionary(g => g.Key, g => (long)g.Count()),
        targets.GroupBy(t => t.Place).ToDictionary(g => g.Key, g => (long)g.Select(t => t.Item).Distinct().Count()));

    // The code is drawn here, and leaves with the answer alone. Whoever repeats a request because the answer was lost gets another one.
    private RequesterCopy? Commit(RequestRow request, IReadOnlyList<TargetRow> targets)
    {
        if (targets.Count == 0)
        {
            return null;
        }

        var code = RequesterCopy.NewCode();
        var copy = new RequesterCopy(request.Id, [.. targets.Select(t => CommittedItem.Of(code, t.Item, t.Span))]);
        store.Manifest.Certificates.SetCommitments(request.Number, copy.Commitments());
        return copy;
    }

    private void Record(ForgetRequest request, IReadOnlyList<TargetRow> targets, RequestRow row)
    {
        var marks = new List<LogMark>();
        foreach (var target in targets)
        {
            store.Manifest.Requests.AddTarget(target with { Request = row.Number });
            marks.Add(target.Span is { } span ? new LogMark("span", store.SpanMark(target.Item), span.ToString()) : new LogMark("item", store.ItemMark(target.Item)));
        }

        var forgotten = targets.Select(t => t.Subject).ToHashSet();
        marks.AddRange(request.Subjects.Where(forgotten.Contains).Select(subject => new LogMark("subject", store.SubjectMark(subject))));
        foreach (var mark in marks)
        {
            store.Manifest.Requests.AddTombstone(mark.Mark, mark.Kind, row.Number);
        }

        store.Log.Record(LogEvent.Received, entry => entry with { Request = row.Id, Reason = row.Reason, Due = row.Due, Marks = marks, Payload = row.Content });
    }
}
