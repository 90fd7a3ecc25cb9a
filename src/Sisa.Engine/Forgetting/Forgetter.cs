using System.Text.Json;
using Sisa.Engine.Finding;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>Receives requests to forget, and takes what they name out of what is served.</summary>
/// <remarks>
/// Needs no lock on the store, so it works while another process trains. Order of writes, and what a crash after each leaves:
/// 1. one transaction records all requests of a call, their targets and their tombstones — they are acknowledged, and recovery goes on;
/// 2. one transaction points the bundle at clean checkpoints and raises the epoch (<see cref="Publishing.BundlePublisher"/>) — nothing served has seen the targets.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class Forgetter(Store store)
{
    /// <summary>Finds out what a request names and what it will cost. Changes nothing.</summary>
    /// <param name="request">The request.</param>
    public ForgetOutcome Plan(ForgetRequest request) => Plan([request]).Outcomes[0];

    /// <summary>Finds out what requests name and what they will cost, each and together. Changes nothing.</summary>
    /// <param name="requests">The requests; what one names is already forgotten for those behind it.</param>
    /// <exception cref="RequestException">Some cannot be received; every fault of every one is listed.</exception>
    /// <exception cref="RequestConflictException">Some have the name of an earlier one that asked for something else.</exception>
    public ForgetOutcomes Plan(IReadOnlyList<ForgetRequest> requests) => store.Manifest.Read(() =>
    {
        RequestForm.Require(requests);

        // Read the file of the evidence log first: later commits of other processes would be in the file only.
        var planned = Resolve(requests);
        Refuse(requests, planned, Known(requests));
        return planned;
    });

    /// <summary>Records a request durably. Receiving one of the same name again changes nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="waits">Until when its retraining may wait, or <see langword="null"/> for not at all; its due date ends the waiting earlier (<see cref="RetrainingWait"/>).</param>
    /// <exception cref="StorageIoException">It could not be recorded; it is not acknowledged.</exception>
    /// <exception cref="StoreBusyException">The corpus is not the one any more that was searched for duplicates.</exception>
    public ForgetOutcome Receive(ForgetRequest request, DateTimeOffset? waits = null) => Receive([request], waits).Outcomes[0];

    /// <summary>Records requests durably, all in one transaction or none. Receiving some of the same names again changes nothing of them.</summary>
    /// <param name="requests">The requests, with names of their own; what one names is already forgotten for those behind it.</param>
    /// <param name="waits">Until when their retraining may wait, or <see langword="null"/> for not at all; each one's due date ends its waiting earlier (<see cref="RetrainingWait"/>).</param>
    /// <param name="handOver">Makes the requesters' copies durable before the receipt. If it throws, nothing is received. <see langword="null"/> for no copies.</param>
    /// <exception cref="RequestException">Some cannot be received; every fault of every one is listed.</exception>
    /// <exception cref="RequestConflictException">Some have the name of an earlier one that asked for something else.</exception>
    /// <exception cref="StorageIoException">They could not be recorded; none is acknowledged.</exception>
    /// <exception cref="StoreBusyException">The corpus is not the one any more that was searched for duplicates.</exception>
    public ForgetOutcomes Receive(IReadOnlyList<ForgetRequest> requests, DateTimeOffset? waits = null, Action<IReadOnlyList<RequesterCopy>>? handOver = null) => store.Manifest.Write(() =>
    {
        RequestForm.Require(requests);
        var known = Known(requests);
        var planned = Resolve(requests);
        Refuse(requests, planned, known);
        var earlier = known.Count > 0 || planned.Outcomes.Any(o => o.Targets.Count == 0) ? store.Manifest.Requests.Targets() : [];
        var pending = earlier.ToLookup(t => t.Request);
        var searching = requests.Zip(planned.Outcomes).Where(p => p.Second.Targets.Count > 0).Select(p => p.First).ToArray();
        RefuseOtherCorpus([.. searching.Select(r => r.Duplicates?.Corpus), .. searching.Select(r => r.Spellings?.Corpus)]);
        var emptied = Emptied(requests, planned.Outcomes);
        var outcomes = new List<ForgetOutcome>(requests.Count);
        var now = store.Now;
        var wait = new RetrainingWait(store);
        var nothing = new NothingHeld(store, wait, earlier.Concat(planned.Outcomes.SelectMany(o => o.Targets)));
        foreach (var (request, outcome) in requests.Zip(planned.Outcomes))
        {
            if (Repeats(request, known) is { } row)
            {
                outcomes.Add(outcome with { Recorded = row, IsRepeated = true, Copy = row.State == RequestState.NothingHeld ? nothing.Repeat(request, row) : Commit(row, [.. pending[row.Number]], request, outcome) });
            }
            else if (outcome.Targets.Count == 0)
            {
                outcomes.Add(request.Id is null && NamesPending(request, earlier) ? outcome : nothing.Record(request, outcome, request.Id ?? FreeName(), Content(request)));
            }
            else
            {
                var added = Record(request, outcome, emptied, wait.Due(request, now), now, waits is { } wanted ? wait.Bounded(wanted, wait.Due(request, now), now) : null);
                outcomes.Add(outcome with { Request = added.Id, Recorded = added, Copy = Commit(added, outcome.Targets, request, outcome) });
            }
        }

        handOver?.Invoke([.. outcomes.Select(o => o.Copy).OfType<RequesterCopy>()]);
        return planned with { Outcomes = outcomes };
    });

    /// <summary>Records how many near spellings remain. This is not part of the receipt, which would wait for the search. Purged requests stay as they are.</summary>
    /// <param name="requests">The requests, with what they name.</param>
    /// <param name="outcomes">Their outcomes.</param>
    /// <param name="near">The near spellings of all their names.</param>
    public void RecordSpellings(IReadOnlyList<ForgetRequest> requests, ForgetOutcomes outcomes, NearSpellings near)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(near);
        var found = near.Found.ToLookup(f => (f.Kind, f.Of));
        var named = requests.Zip(outcomes.Outcomes).Where(p => p.Second.Recorded is { State: < RequestState.Purged or RequestState.NothingHeld, Summary.Spellings: null }).ToArray();
        if (named.Length == 0)
        {
            return;
        }

        store.Manifest.Write(() => store.Manifest.Requests.Update(
        [
            .. named
                .Select(p => (Request: p.First, Row: store.Manifest.Requests.Get(p.Second.Recorded!.Number)))
                .Where(p => p.Row is { State: < RequestState.Purged or RequestState.NothingHeld, Summary.Spellings: null })
                .Select(p => p.Row with { Summary = p.Row.Summary with { Spellings = new SpellingSummary(NameMatch.Exact, near.Names, SpellingSearch.NamesOf(p.Request).Sum(name => found[name].LongCount()), 0) } }),
        ]));
    }

    private void Refuse(IReadOnlyList<ForgetRequest> requests, ForgetOutcomes planned, IReadOnlyDictionary<string, RequestRow> known)
    {
        var now = store.Now;
        string[] early = [.. requests.Where(r => r.Received > now).Select(r => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(r.Id is { } id ? $"Request '{id}'" : "The request")} has the receipt time {r.Received:yyyy-MM-dd HH:mm:ss} UTC, which is in the future: now it is {now:yyyy-MM-dd HH:mm:ss} UTC."))];
        if (early.Length > 0)
        {
            throw new RequestException(early, "Correct the receipt time, or omit it for now.");
        }

        (string Request, string Fault)[] conflicts = [.. requests.Zip(planned.Outcomes)
            .Select(p => Repeats(p.First, known) is { } row && FaultOfRepetition(p.First, p.Second, row) is { } fault ? (row.Id, fault) : default)
            .Where(c => c.fault is not null)];
        if (conflicts.Length > 0)
        {
            throw new RequestConflictException([.. conflicts.Select(c => c.Request)], [.. conflicts.Select(c => c.Fault)], "Give this request another name, or no name to have one drawn.");
        }
    }

    // Whoever repeats an interrupted call without a name goes on with what the call recorded.
    private static bool NamesPending(ForgetRequest request, IReadOnlyList<TargetRow> pending)
    {
        var items = request.Items.Concat(request.Spans.Select(s => s.Item)).ToHashSet(StringComparer.Ordinal);
        return pending.Any(t => items.Contains(t.Item) || request.Subjects.Contains(t.Subject));
    }

    private IReadOnlyDictionary<string, RequestRow> Known(IReadOnlyList<ForgetRequest> requests) => store.Manifest.Requests.Find([.. requests.Select(r => r.Id).OfType<string>()]);

    private static RequestRow? Repeats(ForgetRequest request, IReadOnlyDictionary<string, RequestRow> known) => request.Id is { } id ? known.GetValueOrDefault(id) : null;

    private string? FaultOfRepetition(ForgetRequest request, ForgetOutcome planned, RequestRow known) =>
        known.Content != Content(request) ? $"Request '{known.Id}' was received before, with other content."
        : planned.Targets.Count > 0 ? $"Request '{known.Id}' was received before. {Counted.Of(planned.Targets.Count, "item or span", "items or spans")} under its names {(known.State == RequestState.NothingHeld ? "came in" : "came back")} since then."
        : null;

    private ForgetOutcomes Resolve(IReadOnlyList<ForgetRequest> requests)
    {
        using var resolver = new TargetResolver(store);
        var resolutions = resolver.Resolve(requests);
        var planner = new ForgetPlanner(store.Recipe, store.RecipeDigest, store.Histories());
        ForgetOutcome[] outcomes =
        [
            .. requests.Zip(resolutions).Select(p => new ForgetOutcome
            {
                Request = p.First.Id,
                Targets = p.Second.Targets,
                Unknown = Unknown(p.First, p.Second.Unknown),
                AlreadyForgotten = p.Second.AlreadyForgotten,
                Plan = Plan(planner, p.Second.Targets),
            }),
        ];
        return new ForgetOutcomes(outcomes, outcomes is [var only] ? only.Plan : Plan(planner, [.. outcomes.SelectMany(o => o.Targets)]));
    }

    // For a name without items, the request takes the near spelling instead.
    private static IReadOnlyList<string> Unknown(ForgetRequest request, IReadOnlyList<string> unknown) => request.Spellings is { } near && unknown.Count > 0
        ? [.. unknown.Except(near.Answered(NameKind.Item, request.Items)).Except(near.Answered(NameKind.Subject, request.Subjects))]
        : unknown;

    // Each item is touched once: an item that is removed as a whole may have been cut by an earlier request of the list.
    private static ForgetPlan Plan(ForgetPlanner planner, IReadOnlyCollection<TargetRow> targets)
    {
        var removed = targets.Where(t => t.Span is null).CountBy(t => t.Place).ToDictionary(c => c.Key, c => (long)c.Value);
        var cut = targets.Where(t => t.Span is not null).Select(t => (t.Place, t.Item)).ToHashSet();
        if (cut.Count > 0)
        {
            cut.ExceptWith(targets.Where(t => t.Span is null).Select(t => (t.Place, t.Item)));
        }

        var touched = new Dictionary<Placement, long>(removed);
        foreach (var (place, _) in cut)
        {
            touched[place] = touched.GetValueOrDefault(place) + 1;
        }

        return planner.Plan(removed, touched);
    }

    // What was ingested since the search may be a duplicate too, or a near spelling. Slices that were only written again without items are no harm, but look the same.
    private void RefuseOtherCorpus(IReadOnlyList<Digest?> searches)
    {
        Digest[] searched = [.. searches.OfType<Digest>().Distinct()];
        if (searched.Length > 0 && (searched.Length > 1 || searched[0] != CorpusScan.DigestOf(store.Manifest.Slices.All())))
        {
            throw new StoreBusyException("The corpus changed after the search. Nothing was received.", "Run the same command again.");
        }
    }

    // Draw the name inside the transaction that records it, so that two simultaneous commands never draw the same one.
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

    // Keyed, because the row outlives what it names (rule E9). Duplicates and near spellings do not count: once they are forgotten, the same command finds none.
    private Digest Content(ForgetRequest request)
    {
        var (items, subjects) = (request.Spellings?.Of(NameKind.Item) ?? [], request.Spellings?.Of(NameKind.Subject) ?? []);
        var content = JsonSerializer.Serialize(new
        {
            Items = request.Items.Except(items).Order(StringComparer.Ordinal),
            Subjects = request.Subjects.Except(subjects).Order(StringComparer.Ordinal),
            Spans = request.Spans.Distinct().OrderBy(s => s.Item, StringComparer.Ordinal).ThenBy(s => s.Span.From).ThenBy(s => s.Span.To),
        });
        content = request.Duplicates is { } search ? $"{content} with {KebabName.Of(search.Level)} duplicates" : content;
        return store.Marks.Request(request.Spellings is null ? content : $"{content} in near spellings");
    }

    // Subjects of whom nothing is left once all of these are forgotten, although no request that forgets something of them names them.
    private HashSet<string> Emptied(IReadOnlyList<ForgetRequest> requests, IReadOnlyList<ForgetOutcome> outcomes)
    {
        var items = outcomes.SelectMany(o => o.Targets).Where(t => t.Span is null).Select(t => t.Item).ToHashSet(StringComparer.Ordinal);
        string[] subjects = [.. outcomes.SelectMany(o => o.Targets).Where(t => t.Span is null && t.Subject != t.Item).Select(t => t.Subject).Distinct(StringComparer.Ordinal)];
        var named = requests.Zip(outcomes).SelectMany(p => p.First.Subjects.Intersect(p.Second.Targets.Select(t => t.Subject), StringComparer.Ordinal)).ToHashSet(StringComparer.Ordinal);
        subjects = [.. subjects.Where(s => !named.Contains(s))];
        if (subjects.Length == 0)
        {
            return [];
        }

        var left = store.Manifest.Items.FindBySubject(subjects).Where(r => !items.Contains(r.Id)).ToArray();
        var forgotten = store.Manifest.Requests.Tombstones([.. left.Select(r => store.Marks.Item(r.Id))]);
        return [.. subjects.Except(left.Where(r => !forgotten.Contains(store.Marks.Item(r.Id))).Select(r => r.Subject), StringComparer.Ordinal)];
    }

    // The code is drawn here, and leaves only with the answer. A request that is repeated after a lost answer gets another code.
    private RequesterCopy? Commit(RequestRow row, IReadOnlyList<TargetRow> targets, ForgetRequest request, ForgetOutcome outcome)
    {
        if (targets.Count == 0)
        {
            return null;
        }

        var code = RequesterCopy.NewCode();
        CommittedItem[] missing = [.. NotFound(code, request, targets, outcome.Unknown)];
        var copy = new RequesterCopy(row.Id, [.. targets.Select(t => CommittedItem.Of(code, t.Item, t.Span))]) { NotFound = missing.Length > 0 ? missing : null };
        store.Manifest.Certificates.SetCommitments(row.Number, copy.Commitments(), copy.NotFoundCommitments());
        return copy;
    }

    // An unknown name is an id or a subject: of one that is both, what was found is not missing.
    private static IEnumerable<CommittedItem> NotFound(string code, ForgetRequest request, IReadOnlyList<TargetRow> targets, IReadOnlyList<string> unknown)
    {
        if (unknown.Count == 0)
        {
            return [];
        }

        var items = unknown.Except(targets.Select(t => t.Item), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var subjects = unknown.Except(targets.Select(t => t.Subject), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        return NothingHeld.Names(code, request.Items.Where(items.Contains), request.Subjects.Where(subjects.Contains), request.Spans.Where(s => items.Contains(s.Item)));
    }

    private RequestRow Record(ForgetRequest request, ForgetOutcome outcome, HashSet<string> emptied, DateTimeOffset due, DateTimeOffset now, DateTimeOffset? waits)
    {
        var targets = outcome.Targets;
        var row = new RequestRow
        {
            Id = request.Id ?? FreeName(),
            Content = Content(request),
            State = RequestState.Received,
            Reason = request.Reason,
            Policy = request.Policy,
            Received = request.Received ?? now,
            Recorded = request.Received is null ? null : now,
            Due = due,
            Waits = waits,
            Summary = new RequestSummary
            {
                Items = targets.Count(t => t.Span is null),
                Spans = targets.Count(t => t.Span is not null),
                Subjects = targets.Select(t => t.Subject).Distinct().Count(),
                Shards = outcome.Plan.Shards.Count,
                PredictedVisits = outcome.Plan.Visits,
                FullVisits = outcome.Plan.FullVisits,
                Duplicates = Summarise(request.Duplicates, targets),
                Spellings = request.Spellings is { } near ? new SpellingSummary(NameMatch.Folded, near.Names, near.Found.Count, near.Found.Count(f => targets.Any(t => IsOf(t, f)))) : null,
            },
        };
        row = row with { Number = store.Manifest.Requests.Add(row) };
        var marks = Marks(request, targets, emptied);
        store.Manifest.Requests.AddTargets(targets.Select(t => t with { Request = row.Number }));
        store.Manifest.Requests.AddTombstones(marks.Select(m => (m.Mark, m.Kind, row.Number)));
        store.Log.Record(LogEvent.Received, entry => entry with { Request = row.Id, Reason = row.Reason, Received = request.Received, Due = row.Due, Marks = marks, Payload = row.Content });
        return row;
    }

    private static DuplicateSummary? Summarise(FoundDuplicates? search, IReadOnlyList<TargetRow> targets)
    {
        if (search is null)
        {
            return null;
        }

        var found = search.Items.ToHashSet(StringComparer.Ordinal);
        return new DuplicateSummary(search.Level, search.Threshold, search.ItemsSearched, found.Count, targets.Count(t => t.Span is null && found.Contains(t.Item)));
    }

    private static bool IsOf(TargetRow target, NearSpelling near) => target.Span is null && (near.Kind == NameKind.Item ? target.Item : target.Subject) == near.Name;

    private List<LogMark> Marks(ForgetRequest request, IReadOnlyList<TargetRow> targets, HashSet<string> emptied)
    {
        var forgotten = targets.Select(t => t.Subject).ToHashSet(StringComparer.Ordinal);
        if (request.Spellings is { } near)
        {
            // A requested spelling without items gets a tombstone too, so that it is recognised and refused later.
            forgotten.UnionWith(near.Answered(NameKind.Subject, request.Subjects));
        }

        var gone = targets.Where(t => t.Span is null).Select(t => t.Subject).Distinct(StringComparer.Ordinal).Where(emptied.Contains);
        return
        [
            .. targets.Select(t => t.Span is { } span ? new LogMark("span", store.Marks.Span(t.Item), span.ToString()) : new LogMark("item", store.Marks.Item(t.Item))),
            .. request.Subjects.Where(forgotten.Contains).Select(subject => new LogMark("subject", store.Marks.Subject(subject))),
            .. gone.Select(subject => new LogMark("emptied", store.Marks.Emptied(subject))),
        ];
    }
}
