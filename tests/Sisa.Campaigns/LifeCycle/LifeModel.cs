using System.Text;
using Sisa.Forgetting;

namespace Sisa.Campaigns.LifeCycle;

/// <summary>The life cycle of items and requests in a few sets and numbers: what the store must do, said a second time and independently.</summary>
/// <remarks>Knows neither files nor rows nor checkpoints; what a constituent has seen is a text.</remarks>
/// <param name="key">The assignment key's bytes.</param>
/// <param name="steps">How many operations are carried out; later ones are passed over, so that lives are short and many.</param>
internal sealed class LifeModel(byte[] key, int steps)
{
    private const int Last = ModelWorld.Slices;

    private readonly SortedDictionary<int, SortedSet<int>> _held = []; // item → code points that are gone from its text
    private readonly HashSet<int> _forgottenItems = [];
    private readonly HashSet<string> _forgottenAuthors = [];
    private readonly List<ModelRequest> _requests = [];
    private readonly string?[][] _trained = [.. Enumerable.Range(0, ModelWorld.Shards).Select(_ => new string?[Last + 1])]; // what checkpoint k of a shard has seen
    private readonly int?[] _served = new int?[ModelWorld.Shards]; // which checkpoint of a shard is served; none: null
    private bool _isSuspended;
    private long _epoch;
    private int _left = steps;

    /// <summary>What the last operation answered.</summary>
    public string Outcome { get; private set; } = string.Empty;

    /// <summary>Whether an operation is still carried out; each asks once.</summary>
    public bool Goes() => _left-- > 0;

    /// <summary>What is left of each item's text, for a store made from scratch.</summary>
    public IEnumerable<(int Item, IReadOnlySet<int> Gone)> Held => _held.Select(h => (h.Key, (IReadOnlySet<int>)h.Value));

    public void Ingest(IReadOnlyCollection<int> items, bool takesBack)
    {
        RunHeld();
        var isRefused = items.Any(i => (IsForgotten(i) || _forgottenAuthors.Contains(ModelWorld.Row(i).Author)) && (!takesBack || Pending.Any(r => r.Targets.Any(t => t.Item == i && t.Points is null))));
        if (isRefused || items.Any(_held.ContainsKey))
        {
            Outcome = "refused";
            return;
        }

        foreach (var item in items)
        {
            _held.Add(item, []);
            _forgottenItems.Remove(item);
        }

        Outcome = "done";
    }

    public void Receive(AskedRequest asked, bool diesBeforeFallback)
    {
        var (targets, authors) = Resolve(asked);
        var content = asked.ToString().Split(": ")[1];
        if (_requests.Find(r => r.Id == asked.Id) is { } known)
        {
            Outcome = known.Asked != content || targets.Count > 0 ? "refused" : $"known, {KebabName.Of(known.State)}";
            if (Outcome != "refused" && known.State == RequestState.Received && !diesBeforeFallback)
            {
                PublishFallbacks(known);
            }

            return;
        }

        if (targets.Count == 0)
        {
            _requests.Add(new ModelRequest(asked.Id, content, asked.Policy) { State = RequestState.NothingHeld });
            Outcome = "nothing";
            return;
        }

        var request = new ModelRequest(asked.Id, content, asked.Policy);
        request.Targets.AddRange(targets);
        _requests.Add(request);
        _forgottenItems.UnionWith(targets.Where(t => t.Points is null).Select(t => t.Item));
        _forgottenAuthors.UnionWith(authors);
        Outcome = $"received, {targets.Count(t => t.Points is null)} items";
        if (!diesBeforeFallback)
        {
            PublishFallbacks(request);
        }
    }

    /// <summary>Trains.</summary>
    /// <param name="diesAtFirstStage">Whether the trainer dies before it has trained anything.</param>
    /// <param name="diesBeforePurge">Whether the process dies between publication and purge.</param>
    public void Train(bool diesAtFirstStage = false, bool diesBeforePurge = false)
    {
        RunHeld();
        if (_held.Count == 0 && _trained[0][1] is null && !Pending.Any())
        {
            Outcome = "no items";
            return;
        }

        ApplyTargets();
        if (diesAtFirstStage && Enumerable.Range(0, ModelWorld.Shards).Any(s => Enumerable.Range(1, Last).Any(k => _trained[s][k] != SeenBy(s, k))))
        {
            Outcome = "died";
            return;
        }

        Publish();
        Outcome = "done";
        if (diesBeforePurge)
        {
            Outcome = "died";
            return;
        }

        Purge();
    }

    public void Recover()
    {
        var (fallbacks, purged) = (Pending.Count(r => r.State == RequestState.Received), Pending.Count(r => r.State == RequestState.Published));
        RunHeld();
        Outcome = $"{fallbacks} fallbacks, {purged} purged";
    }

    public void Certify()
    {
        var purged = _requests.Where(r => r.State == RequestState.Purged).ToArray();
        Array.ForEach(purged, r => r.State = RequestState.Certified);

        // One that found nothing waits for every request before it.
        var empty = _requests.TakeWhile(r => r.State >= RequestState.Purged).Where(r => r is { State: RequestState.NothingHeld, HasCertificate: false }).ToArray();
        Array.ForEach(empty, r => r.HasCertificate = true);
        Outcome = $"{purged.Length + empty.Length} certified";
    }

    public void Reopen() => Outcome = "opened";

    /// <summary>Everything that the two sides are compared by.</summary>
    public string Describe()
    {
        var text = new StringBuilder(Outcome).AppendLine().AppendLine($"epoch {_epoch}{(_isSuspended ? ", suspended" : string.Empty)}");
        foreach (var (item, gone) in _held)
        {
            text.AppendLine($"item {item} without {string.Join(' ', gone)}");
        }

        foreach (var request in _requests)
        {
            text.AppendLine($"request {request.Id} {KebabName.Of(request.State)} {KebabName.Of(request.Policy)}");
        }

        foreach (var (shard, stage) in _served.Index().Where(s => s.Item is not null))
        {
            text.AppendLine($"served {shard} {stage}");
        }

        return text.ToString();
    }

    private IEnumerable<ModelRequest> Pending => _requests.Where(r => r.State < RequestState.Purged);

    private IEnumerable<ModelRequest> Unpublished => _requests.Where(r => r.State < RequestState.Published);

    private bool IsForgotten(int item) => _forgottenItems.Contains(item);

    private (int Shard, int Slice) Place(int item) => ModelWorld.Place(key, item);

    private (List<ModelTarget> Targets, IEnumerable<string> Authors) Resolve(AskedRequest asked)
    {
        var whole = asked.Items.Concat(asked.Authors.SelectMany(a => Enumerable.Range(0, ModelWorld.Items).Where(i => ModelWorld.Row(i).Author == ModelWorld.Author(a))))
            .Where(i => _held.ContainsKey(i) && !IsForgotten(i))
            .ToHashSet();
        var spans = new List<ModelTarget>();
        foreach (var item in asked.Cuts.Select(c => c.Item).Distinct().Where(i => _held.ContainsKey(i) && !IsForgotten(i)).ToArray())
        {
            var waiting = Pending.SelectMany(r => r.Targets).Where(t => t.Item == item && t.Points is not null).SelectMany(t => t.Points!);
            var gone = _held[item].Concat(waiting).ToHashSet();
            var fresh = asked.Cuts.Where(c => c.Item == item).SelectMany(c => Enumerable.Range(c.From, c.Length)).Where(p => !gone.Contains(p)).ToHashSet();
            if (fresh.Count > 0 && gone.Count + fresh.Count == ModelWorld.Length(item))
            {
                whole.Add(item);
            }
            else if (fresh.Count > 0)
            {
                spans.Add(new ModelTarget(item, fresh));
            }
        }

        List<ModelTarget> targets = [.. whole.Select(i => new ModelTarget(i, null)), .. spans.Where(s => !whole.Contains(s.Item))];
        var authors = targets.Select(t => ModelWorld.Row(t.Item).Author).Intersect(asked.Authors.Select(ModelWorld.Author));
        return (targets, authors);
    }

    // One publication, however many requests it is for: the epoch rises once.
    private void PublishFallbacks(params ModelRequest[] requests)
    {
        _epoch += requests.Length > 0 ? 1 : 0;
        Array.ForEach(requests, PublishFallback);
    }

    private void PublishFallback(ModelRequest request)
    {
        request.State = RequestState.FallbackPublished;
        _isSuspended |= request.Policy == ForgetPolicy.Suspend;
        var waiting = Unpublished.SelectMany(r => r.Targets.Select(t => (Request: r, Target: t))).ToLookup(w => Place(w.Target.Item).Shard);
        foreach (var shard in request.Targets.Select(t => Place(t.Item).Shard).Distinct().Where(s => _served[s] is not null))
        {
            var isExcluded = waiting[shard].Any(w => w.Request.Policy == ForgetPolicy.Exclude);
            var clean = Enumerable.Range(1, Last).LastOrDefault(k => !string.IsNullOrEmpty(_trained[shard][k])
                && waiting[shard].All(w => Place(w.Target.Item).Slice > k || (w.Target.IsApplied && _trained[shard][k] == SeenBy(shard, k))));
            _served[shard] = isExcluded || clean == 0 ? null : clean;
        }
    }

    private void ApplyTargets()
    {
        foreach (var target in Pending.SelectMany(r => r.Targets).Where(t => !t.IsApplied))
        {
            target.IsApplied = true;
            if (target.Points is null)
            {
                _held.Remove(target.Item);
            }
            else if (_held.TryGetValue(target.Item, out var gone))
            {
                gone.UnionWith(target.Points);
            }
        }
    }

    private void Publish()
    {
        var isNew = false;
        for (var shard = 0; shard < ModelWorld.Shards; shard++)
        {
            int? final = SeenBy(shard, Last).Length > 0 ? Last : null;
            isNew |= _served[shard] != final || (final is not null && _trained[shard][Last] != SeenBy(shard, Last));
            _served[shard] = final;
            for (var k = 1; k <= Last; k++)
            {
                _trained[shard][k] = SeenBy(shard, k);
            }
        }

        var done = Unpublished.ToArray();
        _epoch += isNew || done.Length > 0 ? 1 : 0;
        Array.ForEach(done, r => r.State = RequestState.Published);
        _isSuspended = false;
    }

    // What whoever takes the lock does first.
    private void RunHeld()
    {
        PublishFallbacks([.. _requests.Where(r => r.State == RequestState.Received)]);
        Purge();
    }

    private void Purge()
    {
        foreach (var request in _requests.Where(r => r.State == RequestState.Published).ToArray())
        {
            request.State = RequestState.Purged;
            request.Targets.Clear();
        }
    }

    // The items of slices 1 … k of a shard, with what is gone from their texts.
    private string SeenBy(int shard, int k) => string.Join(';', _held.Where(h => Place(h.Key).Shard == shard && Place(h.Key).Slice <= k).Select(h => $"{h.Key}-{string.Join(',', h.Value)}"));
}
