using Sisa.Engine.Certifying;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Certifying;

/// <summary>Many certificates are written in batches, and state and file agree at every moment.</summary>
public sealed class CertifierBatchTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly KeyRing _keys;

    public CertifierBatchTests()
    {
        _store.Ingest(TestRow.Many(60));
        _store.Train();
        _keys = KeyRing.Create(_store.Store, string.Empty);
        foreach (var i in Enumerable.Range(1, 5))
        {
            _store.Receive(new ForgetRequest { Id = $"r{i}", Items = [$"item-{i:00000}"] });
        }

        _store.Train();
        _store.Receive(new ForgetRequest { Id = "nothing", Items = ["nobody"] });
    }

    [Fact]
    public void Killed_at_any_moment_it_ends_in_the_same_statements_and_certified_means_that_the_files_are_there()
    {
        // A picture is of one moment only while no other thread writes files.
        using var camera = new CrashCamera(_store.Store);
        new Certifier(_store.Store, _keys, TimeSpan.Zero) { BatchSize = 2, Degree = 1 }.Run();
        camera.Stop();
        camera.Take();

        var seen = new HashSet<int>();
        foreach (var picture in camera.Pictures)
        {
            seen.Add(Finish(picture));
        }

        // None, two, four, five: batch by batch, never one by one.
        Assert.Equal([0, 2, 4, 5], seen.Order());
    }

    [Fact]
    public void A_file_that_has_not_got_its_name_yet_is_written_anew()
    {
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();
        var path = _store.Store.Layout.Certificate("r3");
        var payload = Certificate.Read(File.ReadAllBytes(path)).Payload;
        File.Move(path, path + ".tmp");
        _store.Reopen();

        new Recovery(_store.Store).Run(TimeSpan.Zero);
        new Certification(_store.Store, StoredKeys.InTheClear, TimeSpan.Zero).Run(mends: true);

        Assert.Equal(payload, Certificate.Read(File.ReadAllBytes(path)).Payload);
        Assert.False(File.Exists(path + ".tmp"));
        _store.CheckInvariants();
    }

    [Fact]
    public void A_head_that_the_log_contradicts_leaves_requests_purged_and_records_nothing()
    {
        var lines = _store.Store.Log.Lines;
        var other = new LogCheckpoint(_store.Store.Log.Origin, 1, MerkleTree.LeafOf("another log"u8)).Sign(_keys.Log);
        File.WriteAllText(_store.Store.Layout.LogHead, other.ToString());

        Assert.Throws<StoreException>(() => new Certifier(_store.Store, _keys, TimeSpan.Zero).Run());

        Assert.Equal(RequestState.Purged, _store.Store.Manifest.Requests.Find("r1")!.State);
        Assert.True(_store.Store.Manifest.Certificates.IsEmpty);
        Assert.Equal(lines, _store.Store.Log.Lines);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _store.Dispose();
    }

    // Recovers a picture, and tells how many requests it held as certified.
    private int Finish(string picture)
    {
        using var store = Store.Open(picture, _store.Clock);
        var certified = store.Manifest.Requests.All().Where(r => r.State == RequestState.Certified).ToArray();
        Assert.All(certified, r => Assert.True(File.Exists(store.Layout.Certificate(r.Id)) && File.Exists(store.Layout.Certificate(r.Id, "auditor"))));
        var signed = store.Manifest.Certificates.All().ToDictionary(row => (row.RequestId, row.Form), row => row.Envelope);
        var written = Directory.EnumerateFiles(store.Layout.Certificates, "*.json").ToDictionary(path => path, File.ReadAllBytes);

        new Recovery(store).Run(TimeSpan.Zero);
        new Certification(store, StoredKeys.InTheClear, TimeSpan.Zero).Run(mends: true);

        Assert.Equal(12, Directory.EnumerateFiles(store.Layout.Certificates).Count());
        Assert.All(written, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.All(store.Manifest.Certificates.All().Where(row => signed.ContainsKey((row.RequestId, row.Form))), row => Assert.Equal(signed[(row.RequestId, row.Form)], row.Envelope));
        Assert.Equal(5, store.Manifest.Requests.All().Count(r => r.State == RequestState.Certified));
        Assert.False(Certifier.IsNeeded(store));
        Assert.False(Certifier.IsDamaged(store));
        StoreInvariants.Check(picture, isAtRest: true);
        return certified.Length;
    }
}
