using Sisa.Engine.Certifying;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Verifying;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.TestKit;

namespace Sisa.Campaigns.Damage;

/// <summary>A store with a past, an older state of it, and what an undamaged copy comes to: made once for each kind.</summary>
internal sealed class DamageTemplate : IDisposable
{
    /// <summary>How many kinds there are.</summary>
    public const int Count = 4;

    private static readonly string[] Names = ["at rest", "a request waits", "a request was received and the process killed", "killed in training"];
    private static readonly Lazy<DamageTemplate>[] Made = [.. Enumerable.Range(0, Count).Select(kind => new Lazy<DamageTemplate>(() => new DamageTemplate(kind)))];

    private readonly TempFolder _folder = new();

    private DamageTemplate(int kind)
    {
        Name = Names[kind];
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        using var store = new TestStore(SmallRecipes.Text(2, 2), SmallRecipes.Key(kind + 11));
        using (var keys = KeyRing.Create(store.Store, string.Empty))
        {
            store.Ingest(TestRow.Many(24, authors: 8));
            store.Train();
            Forget(store, keys, new ForgetRequest { Id = "r1", Items = ["item-00003", "item-00004"], Spans = [new ItemSpan("item-00006", new TextSpan(2, 9))] });
            store.Reopen();
            StoreFiles.CopyAsAfterCrash(store.Path, Before);
            Ingest(store);
            Forget(store, keys, new ForgetRequest { Id = "r2", Subjects = ["author-005"], Reason = ForgetReason.Copyright });
            Verify(store, keys);
        }

        KeyRing.Rotate(store.Store, KeyRing.CertificateName, string.Empty);
        store.Reopen();
        Finish(store, kind);
        StoreFiles.CopyAsAfterCrash(store.Path, Now);
        Forgotten = new HashSet<string>(["item-00003", "item-00005", "item-00013", "item-00021", "item-00029", .. kind == 0 ? Array.Empty<string>() : ["item-00010"]], StringComparer.Ordinal);
        StoreFiles.CopyAsAfterCrash(Now, _folder["twin"]);
        using var twin = new DamagedStore(_folder["twin"], this);
        twin.Live();
        CampaignCase.Demand(twin.Told.Count == 0, $"An undamaged copy, {Name}, is complained of: {string.Join('\n', twin.Told)}");
        Expected = twin.Describe(isWhole: true);
        ExpectedMended = twin.Describe(isWhole: false);
    }

    /// <summary>What state it is in.</summary>
    public string Name { get; }

    /// <summary>The older state.</summary>
    public string Before => _folder["before"];

    /// <summary>The state that is damaged.</summary>
    public string Now => _folder["now"];

    /// <summary>Items that nothing which is served may have seen.</summary>
    public IReadOnlySet<string> Forgotten { get; }

    /// <summary>What an undamaged copy comes to.</summary>
    public string Expected { get; } = string.Empty;

    /// <summary>The same without what a mended checkpoint changes: the epoch, and when what was published.</summary>
    public string ExpectedMended { get; } = string.Empty;

    /// <summary>The template of a kind.</summary>
    public static DamageTemplate Of(int kind) => Made[kind].Value;

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static void Ingest(TestStore store) => store.Ingest([TestRow.One(4, "author-004"), .. TestRow.Many(6, authors: 8, from: 24)], new IngestOptions { Readmit = new TargetList(["item-00004"], [], []) });

    private static void Forget(TestStore store, KeyRing keys, ForgetRequest request)
    {
        store.Receive(request);
        store.Train();
        new Certifier(store.Store, keys, TimeSpan.Zero).Run();
    }

    // So that certificates are issued again, and older ones of the same name exist.
    private static void Verify(TestStore store, KeyRing keys)
    {
        var report = new Rerun(store.Store, store.Trainer).Run(RerunSource.Slices, store.Beside("scratch"), TimeSpan.Zero);
        new Certifier(store.Store, keys, TimeSpan.Zero).Run(new Evidence.CertifiedRerun(Evidence.RerunKind.SameMachine, false, report.Comparisons.Count, report.Comparisons.Count(c => c.IsEqual)));
    }

    private static void Finish(TestStore store, int kind)
    {
        var request = new ForgetRequest { Id = "r3", Items = ["item-00010"], Spans = [new ItemSpan("item-00011", new TextSpan(0, 4))], Policy = ForgetPolicy.Suspend };
        switch (kind)
        {
            case 0:
                break;
            case 1:
                store.Receive(request);
                store.Reopen();
                break;
            case 2:
                new Engine.Forgetting.Forgetter(store.Store).Receive(request with { Policy = ForgetPolicy.Exclude });
                break;
            default:
                store.Receive(request);
                store.Trainer.FailAtStage(2);
                try
                {
                    store.Train();
                }
                catch (InjectedException)
                {
                    // As a killed process leaves it, the database's log included.
                }

                break;
        }
    }
}
