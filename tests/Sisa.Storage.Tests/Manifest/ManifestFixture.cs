using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Manifest;

/// <summary>A manifest in a folder of its own.</summary>
internal sealed class ManifestFixture : IDisposable
{
    private readonly TempFolder _folder = new();

    public ManifestFixture(bool hasSubjects = true)
    {
        Layout = new StoreLayout(_folder.Path);
        Manifest = SqliteManifest.Create(Layout, m =>
        {
            m.Settings["epoch"] = "0";
            m.Items.IndexSubjects(hasSubjects);
        });
    }

    public StoreLayout Layout { get; }

    public SqliteManifest Manifest { get; }

    public static Placement Place(int shard, int slice) => new(new ShardId(shard), new SliceIndex(slice));

    public static EnvironmentFingerprint Environment { get; } = new FakeTrainer().Fingerprint;

    /// <summary>A checkpoint's row, as its place decides it.</summary>
    public static CheckpointRecord Checkpoint(int shard, int slice) => new()
    {
        Digest = Digest.Of([(byte)shard, (byte)slice]),
        Place = Place(shard, slice),
        File = $"checkpoints/{shard}-{slice}",
        Tensors = Digest.Of("t"u8),
        Lineage = Digest.Of("l"u8),
        Recipe = Digest.Of("r"u8),
        Environment = Environment.ToDigest(),
        ItemCount = 3,
        SizeBytes = 4,
        Visits = 5,
        Seconds = 6.5,
        Loss = null,
    };

    /// <summary>Inserts items: id, subject, place.</summary>
    public void Insert(params (string Id, string Subject, Placement Place)[] items) => Manifest.Write(() =>
    {
        using var inserter = Manifest.Items.Insert();
        foreach (var (id, subject, place) in items)
        {
            Assert.True(inserter.Add(System.Text.Encoding.UTF8.GetBytes(id), System.Text.Encoding.UTF8.GetBytes(subject), place, null));
        }
    });

    public void Dispose()
    {
        Manifest.Dispose();
        _folder.Dispose();
    }
}
