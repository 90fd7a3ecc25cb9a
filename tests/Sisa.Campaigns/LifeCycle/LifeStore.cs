using System.Text;
using Sisa.Engine.Certifying;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Campaigns.LifeCycle;

/// <summary>A store that carries out what the model says, and tells of itself in the same words.</summary>
/// <param name="keyNumber">Decides the assignment key.</param>
/// <param name="steps">How many operations are carried out.</param>
internal sealed class LifeStore(int keyNumber, int steps) : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(ModelWorld.Shards, ModelWorld.Slices) with { Training = new TrainingOptions { Epochs = 1, BatchSize = 4 } }, SmallRecipes.Key(keyNumber));
    private readonly StringBuilder _story = new();
    private KeyRing? _keys;
    private string _outcome = string.Empty;
    private int _left = steps;

    public TestStore Store => _store;

    /// <summary>What was done, for the message of a fault.</summary>
    public string Story => _story.ToString();

    public bool Goes() => _left-- > 0;

    public void Ingest(IReadOnlyCollection<int> items, bool takesBack)
    {
        Tell($"{(takesBack ? "take back" : "ingest")} {string.Join(' ', items)}");
        TestRow[] rows = [.. items.Select(ModelWorld.Row)];
        try
        {
            _store.Ingest(rows, new IngestOptions { Readmit = takesBack ? new TargetList(rows.Select(r => r.Id), [], []) : TargetList.Empty });
            _outcome = "done";
        }
        catch (CorpusException)
        {
            _outcome = "refused";
        }
    }

    public void Receive(AskedRequest asked, bool diesBeforeFallback)
    {
        Tell($"forget {asked}{(diesBeforeFallback ? ", and die before the fallback" : string.Empty)}");
        var request = new ForgetRequest
        {
            Id = asked.Id,
            Items = [.. asked.Items.Select(i => ModelWorld.Row(i).Id)],
            Subjects = [.. asked.Authors.Select(ModelWorld.Author)],
            Spans = [.. asked.Cuts.Select(c => new ItemSpan(ModelWorld.Row(c.Item).Id, new TextSpan(c.From, c.From + c.Length)))],
            Policy = asked.Policy,
        };
        var forgetter = new Forgetter(_store.Store);
        try
        {
            var outcome = forgetter.Receive(request);
            _outcome = outcome.Recorded is not { } recorded || outcome is { IsNothingHeld: true, IsRepeated: false } ? "nothing" : outcome.Targets.Count == 0 ? $"known, {KebabName.Of(recorded.State)}" : $"received, {outcome.Targets.Count(t => t.Span is null)} items";
            if (outcome.Recorded is { State: RequestState.Received } open && !diesBeforeFallback)
            {
                new BundlePublisher(_store.Store).PublishFallbacks([open.Number]);
            }
        }
        catch (RequestConflictException)
        {
            _outcome = "refused";
        }
    }

    public void Train(bool diesAtFirstStage = false, bool diesBeforePurge = false)
    {
        Tell($"train{(diesAtFirstStage ? ", and die at the first stage" : string.Empty)}{(diesBeforePurge ? ", and die before the purge" : string.Empty)}");
        _store.Trainer = new FakeTrainer();
        _store.Trainer.FailAtStage(diesAtFirstStage ? 1 : int.MaxValue);
        try
        {
            _store.Train(diesBeforePurge ? new DeathAtPublication() : null);
            _outcome = "done";
        }
        catch (NotFoundException)
        {
            _outcome = "no items";
        }
        catch (InjectedException)
        {
            _outcome = "died";
            _store.Reopen();
        }
    }

    public void Recover()
    {
        Tell("recover");
        var report = new Recovery(_store.Store).Run(TimeSpan.Zero);
        _outcome = $"{report.FallbacksPublished} fallbacks, {report.Purged} purged";
    }

    public void Certify()
    {
        Tell("certify");
        _keys ??= KeyRing.Create(_store.Store, string.Empty);
        _outcome = $"{new Certifier(_store.Store, _keys, TimeSpan.Zero).Run().Count} certified";
    }

    public void Reopen()
    {
        Tell("open again");
        _store.Reopen();
        _outcome = "opened";
    }

    /// <summary>Everything that the two sides are compared by, in the model's words.</summary>
    public string Describe()
    {
        var manifest = _store.Store.Manifest;
        var text = new StringBuilder(_outcome).AppendLine().AppendLine($"epoch {manifest.Settings.Epoch}{(manifest.Settings.IsSuspended ? ", suspended" : string.Empty)}");
        foreach (var item in Enumerable.Range(0, ModelWorld.Items).Where(i => manifest.Items.FindById([ModelWorld.Row(i).Id]).Count > 0))
        {
            text.AppendLine($"item {item} without {string.Join(' ', manifest.Requests.Cuts(ModelWorld.Row(item).Id).Ranges.SelectMany(r => Enumerable.Range(r.From, r.To - r.From)))}");
        }

        foreach (var request in manifest.Requests.All())
        {
            text.AppendLine($"request {request.Id} {KebabName.Of(request.State)} {KebabName.Of(request.Policy)}");
        }

        var stages = manifest.Checkpoints.All().ToDictionary(c => c.Digest, c => c.Place.Slice.Value);
        foreach (var (shard, digest) in manifest.Bundle.Served())
        {
            text.AppendLine($"served {shard.Value} {stages[digest]}");
        }

        return text.ToString();
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _store.Dispose();
    }

    private void Tell(string what) => _story.AppendLine(what);
}
