using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Training;

/// <summary>Requests that arrive through another opening of the store while this one works.</summary>
public sealed class LateRequestTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(30, authors: 10);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 3));

    public LateRequestTests() => _store.Ingest(Rows);

    [Fact]
    public void A_request_that_arrives_meanwhile_discards_the_stages_behind_it_and_another_round_serves_it()
    {
        // Arrives through another opening of the store, while stage 2 of its shard waits to be offered.
        var target = Rows.First(r => _store.Store.Assignment.Assign(r.Author).Slice.Value == 2);
        var place = _store.PlaceOf(target.Id);
        using var other = _store.OpenAgain();
        var refused = new List<StageResult>();
        _store.Trainer.BeforeOffer = result =>
        {
            if (result.Shard == place.Shard && result.Stage == place.Slice && refused.Count == 0)
            {
                refused.Add(result);
                TestStore.Receive(other, new ForgetRequest { Id = "late", Items = [target.Id] });
            }
        };
        _store.Trainer.AfterOffer = _ => _store.CheckInvariants(isAtRest: false);

        var report = _store.Train();

        Assert.DoesNotContain(refused[0].Digest, report.Stages.Select(s => s.Digest));
        Assert.Equal(2, _store.Trainer.Jobs.Count(j => j.Shard == place.Shard));
        Assert.Equal(["late"], report.Requests.Select(r => r.Id));
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, [.. Rows.Where(r => r.Id != target.Id)]), _store.Checkpoints()));
        _store.CheckInvariants();
    }

    [Fact]
    public void A_request_waits_when_a_later_one_taints_its_shard_again()
    {
        _store.Train();
        var shard = _store.Store.Histories().First(h => h.Slices[0].ItemCount > 0 && h.Slices[2].ItemCount > 0).Shard;
        var first = _store.Store.Manifest.Items.IdsOf(new Placement(shard, SliceIndex.First))[0];
        var second = _store.Store.Manifest.Items.IdsOf(new Placement(shard, new SliceIndex(3)))[0];
        using var other = _store.OpenAgain();
        var received = false;
        _store.Trainer.BeforeOffer = _ =>
        {
            if (!received)
            {
                received = true;
                TestStore.Receive(other, new ForgetRequest { Id = "second", Items = [second] });
            }
        };
        var publications = new List<RequestState>();
        var progress = new RecordingProgress { OnPublished = () => publications.Add(_store.Store.Manifest.Requests.Find("first")!.State) };
        _store.Receive(new ForgetRequest { Id = "first", Items = [first] });

        _store.Train(progress);

        Assert.Equal([RequestState.FallbackPublished, RequestState.Published], publications);
        _store.CheckInvariants();
    }

    [Fact]
    public void A_request_whose_receiver_died_gets_its_fallback_in_the_round_that_serves_it()
    {
        _store.Train();
        using var other = _store.OpenAgain();
        var late = Rows.First(r => _store.PlaceOf(r.Id).Shard != _store.PlaceOf("item-00001").Shard).Id;
        _store.Store.Manifest.Exports.Add("export", 1, _store.Clock.GetUtcNow(), [new Placement(_store.PlaceOf(late).Shard, new SliceIndex(3))]);
        var received = false;
        _store.Trainer.BeforeOffer = _ =>
        {
            if (!received)
            {
                received = true;
                new Engine.Forgetting.Forgetter(other).Receive(new ForgetRequest { Id = "died", Items = [late] });
            }
        };

        var report = _store.Forget("item-00001");

        Assert.Contains("died", report.Requests.Select(r => r.Id));
        Assert.True(Assert.Single(_store.Store.Manifest.Exports.All()).Recall);
        _store.CheckInvariants();
    }

    [Fact]
    public void A_request_that_arrives_while_slices_are_rewritten_waits_for_the_next_round()
    {
        // Two items of one slice: the second is named when the targets have been read and the slice is written, but not yet current.
        _store.Train();
        var ids = _store.Store.Manifest.Items.IdsOf(_store.PlaceOf(Rows[0].Id));
        using var other = _store.OpenAgain();
        var received = false;
        _store.Receive(_store.Request(ids[0]));
        _store.Store.OnStatement(sql =>
        {
            if (!received && sql.StartsWith("BEGIN", StringComparison.Ordinal))
            {
                received = true;
                TestStore.Receive(other, new ForgetRequest { Id = "late", Items = [ids[1]] });
            }
        });

        var report = _store.Train();

        Assert.Equal(["r1", "late"], report.Requests.Select(r => r.Id));
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, [.. Rows.Where(r => !ids.Take(2).Contains(r.Id))]), _store.Checkpoints()));
        _store.CheckInvariants();
    }

    [Fact]
    public void A_purge_waits_for_no_request_of_another_slice_and_for_every_one_of_its_own()
    {
        // 'apart' shares nothing with the others; 'beside' shares a slice with 'spread', whose other shard is tainted again.
        _store.Train();
        var shards = _store.Store.Assignment.Placements.GroupBy(p => p.Shard).Select(g => g.SelectMany(_store.Store.Manifest.Items.IdsOf).ToArray()).ToArray();
        var shared = _store.Store.Manifest.Items.IdsOf(_store.PlaceOf(shards[0][0]));
        var apart = shards[0].First(id => _store.PlaceOf(id) != _store.PlaceOf(shared[0]));
        var row = Rows.Single(r => r.Id == apart);
        using var other = _store.OpenAgain();
        _store.Receive(new ForgetRequest { Id = "apart", Items = [apart] });
        _store.Receive(new ForgetRequest { Id = "beside", Items = [shared[0]] });
        _store.Receive(new ForgetRequest { Id = "spread", Items = [shared[1], shards[1][0]] });
        var rounds = 0;
        _store.Trainer.BeforeOffer = _ =>
        {
            if (rounds == 0)
            {
                rounds++;
                TestStore.Receive(other, new ForgetRequest { Id = "late", Items = [shards[1][1]] });
            }
        };
        var states = new List<string>();
        var progress = new RecordingProgress { OnBegin = () => states.Add(string.Join(' ', _store.Store.Manifest.Requests.All().Select(r => $"{r.Id}:{r.State}"))) };

        _store.Train(progress);

        Assert.Equal("apart:Purged beside:Published spread:FallbackPublished late:FallbackPublished", states[1]);
        Assert.All(_store.Store.Manifest.Requests.All(), r => Assert.Equal(RequestState.Purged, r.State));
        Assert.All(_store.Store.Manifest.Requests.All(), r => Assert.Equal(0, r.Summary.Purge!.Hits));
        Assert.DoesNotContain(StoreFiles.All(_store.Path), f => StoreFiles.Read(Path.Combine(_store.Path, f)).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(row.Text)) >= 0);
        _store.CheckInvariants();
    }

    public void Dispose() => _store.Dispose();
}
