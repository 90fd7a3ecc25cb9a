using System.Globalization;
using Sisa.Engine.Certifying;
using Sisa.Evidence;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns;

/// <summary>The clock is set back, forward, or stands still between any two steps of a store's life, also between a crash and the next opening.</summary>
/// <remarks>Each case lives the same life twice, with a clock that stands still and with one that jumps: but for the times themselves, the two
/// stores must be the same, row by row and byte by byte.</remarks>
public sealed class ClockCampaign : Campaign
{
    private static readonly string[] Kinds = ["text", "mlp", "text by batch", "mlp by batch by risk"];

    // What is the same whatever the clock says. Marks and the log's name are drawn anew for every store.
    private static readonly string[] Timeless =
    [
        "SELECT value FROM setting WHERE name = 'epoch'",
        "SELECT value FROM setting WHERE name = 'suspended'",
        "SELECT * FROM item ORDER BY id",
        "SELECT shard, slice, file, hex(root), items FROM slice ORDER BY shard, slice",
        "SELECT * FROM checkpoint ORDER BY digest",
        "SELECT * FROM bundle ORDER BY shard",
        "SELECT number, id, state, reason, policy, epoch FROM request ORDER BY number",
        "SELECT * FROM cut ORDER BY item, span_from",
        "SELECT kind, request, count(*) FROM tombstone GROUP BY kind, request ORDER BY request, kind",
        "SELECT json_extract(line, '$.event'), json_extract(line, '$.epoch'), json_extract(line, '$.request') FROM log_entry ORDER BY number",
    ];

    /// <inheritdoc/>
    public override string Name => "clock";

    /// <inheritdoc/>
    public override string What => "clock set back, forward, frozen between the steps of a life: order comes from the epoch, never from time";

    /// <inheritdoc/>
    public override int Goal => 2_000;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => Enumerable.Range(0, 8);

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        var kind = Kinds[number % Kinds.Length];
        using var still = new RandomLife(kind, number);
        Live(still);
        using var jumping = new RandomLife(kind, number);
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "clock"));
        var latest = jumping.Store.Clock.GetUtcNow();
        jumping.OnMoment = () =>
        {
            Jump(jumping.Store.Clock, random, context);
            context.Count("moments at an earlier time than one before", jumping.Store.Clock.GetUtcNow() < latest ? 1 : 0);
            latest = jumping.Store.Clock.GetUtcNow() > latest ? jumping.Store.Clock.GetUtcNow() : latest;
        };
        Live(jumping);
        foreach (var query in Timeless)
        {
            var (expected, found) = (Rows(still, query), Rows(jumping, query));
            CampaignCase.Demand(expected == found, $"{query} gives, with a clock that jumps:\n{found}\nand with one that stands still:\n{expected}\n{jumping.Story}");
        }

        var differences = StoreAssert.Differences(still.Store.Checkpoints(), jumping.Store.Checkpoints()).Concat(jumping.Differences()).ToArray();
        CampaignCase.Demand(differences.Length == 0, string.Join('\n', differences));
        CheckTimes(jumping.Store, context);
        context.Count("lives");
        context.Count("entries of the log in the order of their epochs", CheckEpochs(jumping.Store));
    }

    private static void Live(RandomLife life)
    {
        life.Run();
        using var keys = KeyRing.Create(life.Store.Store, string.Empty);
        new Certifier(life.Store.Store, keys, TimeSpan.Zero).Run();
        life.OnMoment?.Invoke();
        life.Store.Reopen();
        life.Store.CheckInvariants();
    }

    // From a second to three hundred years, either way; beyond that a calendar ends.
    private static void Jump(TestClock clock, SeededGenerator random, CampaignCase context)
    {
        var start = new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);
        switch (random.NextInt32(5))
        {
            case 0:
                context.Count("frozen");
                break;
            case 1:
                clock.Advance(-TimeSpan.FromSeconds(1 + random.NextInt32(100_000)));
                context.Count("set back");
                break;
            case 2:
                clock.Advance(TimeSpan.FromSeconds(1 + random.NextInt32(100_000)));
                context.Count("set forward");
                break;
            case 3:
                clock.Advance(start.AddYears(-random.NextInt32(300)) - clock.GetUtcNow());
                context.Count("set to some year before");
                break;
            default:
                clock.Advance(start.AddYears(random.NextInt32(300)) - clock.GetUtcNow());
                context.Count("set to some year after");
                break;
        }
    }

    private static string Rows(RandomLife life, string query) =>
        string.Join('\n', StoreFiles.Rows(life.Store.Path, query).Select(row => string.Join('|', row.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)))));

    private static int CheckEpochs(TestStore store)
    {
        var epochs = StoreFiles.Rows(store.Path, "SELECT json_extract(line, '$.epoch') FROM log_entry ORDER BY number").Select(r => (long)r[0]).ToArray();
        CampaignCase.Demand(epochs.SequenceEqual(epochs.Order()), $"The epochs of the log fall: {string.Join(' ', epochs)}.");
        return epochs.Length;
    }

    // What is told to people must not be nonsense either: nothing takes less than no time, and every certificate holds.
    private static void CheckTimes(TestStore store, CampaignCase context)
    {
        var key = EvidenceKey.ReadPublic(File.ReadAllText(store.Store.Layout.PublicKey(KeyRing.CertificateName)), "the public key");
        foreach (var request in store.Store.Manifest.Requests.All())
        {
            CampaignCase.Demand(request.State == Forgetting.RequestState.Certified, $"Request {request.Id} is {request.State} after everything was done.");
            CampaignCase.Demand(request.Summary.Seconds is >= 0, $"Request {request.Id} took {request.Summary.Seconds} seconds.");
            var verdict = Certificate.Verify(File.ReadAllBytes(store.Store.Layout.Certificate(request.Id)), key);
            CampaignCase.Demand(verdict.IsValid, $"The certificate of {request.Id} does not hold: {string.Join(' ', verdict.Faults)}");
            context.Count("certificates that hold");
        }

        key.Dispose();
    }
}
