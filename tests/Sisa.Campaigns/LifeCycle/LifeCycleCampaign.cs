using CsCheck;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Campaigns.LifeCycle;

/// <summary>Random sequences of requests and everything around them, against a model that was written without the product's code.</summary>
/// <remarks>After every operation model and store are compared, and the invariants of the store checked; at the end every checkpoint is compared
/// with that of a store which never held what was forgotten.</remarks>
public sealed class LifeCycleCampaign : Campaign
{
    private static readonly Gen<int[]> ItemSet = Gen.Int[0, ModelWorld.Items - 1].HashSet[1, 4].Select(set => set.Order().ToArray());

    private static readonly Gen<(int Item, int From, int Length)> Cut = Gen.Select(Gen.Int[0, ModelWorld.Items - 1], Gen.Int[0, 99], Gen.Int[0, 99]).Select((item, from, length) =>
    {
        var start = from * ModelWorld.Length(item) / 200;
        return (item, start, length > 80 ? ModelWorld.Length(item) - start : 1 + (length * (ModelWorld.Length(item) - start - 1) / 100));
    });

    private static readonly Gen<AskedRequest> Asked = Gen.Select(
        Gen.Int[0, ModelWorld.Names - 1],
        Gen.Int[0, 5],
        ItemSet,
        Gen.Int[0, ModelWorld.Authors - 1],
        Cut.Array[1, 3],
        Gen.Enum<ForgetPolicy>()).Select((name, kind, items, author, cuts, policy) => new AskedRequest(
            name,
            kind is 0 or 1 or 5 ? items : [],
            kind is 2 or 5 ? [author] : [],
            kind >= 3 ? [.. cuts.Distinct().OrderBy(c => ModelWorld.Row(c.Item).Id, StringComparer.Ordinal).ThenBy(c => c.From).ThenBy(c => c.Length)] : [],
            policy));

    private static readonly GenOperation<LifeStore, LifeModel>[] Operations =
    [
        Both(ItemSet, (s, items) => s.Ingest(items, takesBack: false), (m, items) => m.Ingest(items, takesBack: false)),
        Both(ItemSet, (s, items) => s.Ingest(items, takesBack: true), (m, items) => m.Ingest(items, takesBack: true)),
        Both(Asked, (s, asked) => s.Receive(asked, diesBeforeFallback: false), (m, asked) => m.Receive(asked, diesBeforeFallback: false)),
        Both(Asked, (s, asked) => s.Receive(asked, diesBeforeFallback: false), (m, asked) => m.Receive(asked, diesBeforeFallback: false)),
        Both(Asked, (s, asked) => s.Receive(asked, diesBeforeFallback: true), (m, asked) => m.Receive(asked, diesBeforeFallback: true)),
        Both(s => s.Train(), m => m.Train()),
        Both(s => s.Train(diesAtFirstStage: true), m => m.Train(diesAtFirstStage: true)),
        Both(s => s.Train(diesBeforePurge: true), m => m.Train(diesBeforePurge: true)),
        Both(s => s.Recover(), m => m.Recover()),
        Both(s => s.Certify(), m => m.Certify()),
        Both(s => s.Reopen(), m => m.Reopen()),
    ];

    /// <inheritdoc/>
    public override string Name => "life-cycle";

    /// <inheritdoc/>
    public override string What => "random sequences of requests, ingestions, trainings, deaths and recoveries against a small independent model (CsCheck): the same answers, states, epoch and bundle after every step, the bytes of a store made from scratch at the end";

    /// <inheritdoc/>
    public override int Goal => 10_000;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => Enumerable.Range(0, 40);

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        var lives = new List<(LifeStore Store, LifeModel Model)>();
        try
        {
            // A fault shrinks nothing: the sequence is short, and its number repeats it.
            Gen.Select(Gen.Int[0, 999], Gen.Int[2, 24]).Select((key, steps) =>
            {
                lives.Add((new LifeStore(key, steps), new LifeModel(Key(key), steps)));
                return lives[^1];
            }).SampleModelBased(Operations, AreEqual, seed: new PCG((uint)number, (ulong)number + 1).ToString(), iter: 1, threads: 1, printActual: s => s.Story + s.Describe(), printModel: m => m.Describe());
            var (store, model) = lives[^1];
            Finish(store, model);
            foreach (var line in store.Story.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                context.Count("operations");
                context.Count("operations: " + string.Join(' ', line.Split(' ').TakeWhile(word => word.All(c => char.IsAsciiLetterLower(c) || c == ','))));
            }
        }
        finally
        {
            lives.ForEach(life => life.Store.Dispose());
        }
    }

    private static bool AreEqual(LifeStore store, LifeModel model)
    {
        StoreInvariants.Check(store.Store.Path, isAtRest: false);
        return store.Describe() == model.Describe();
    }

    private static void Finish(LifeStore store, LifeModel model)
    {
        store.Train();
        model.Train();
        CampaignCase.Demand(AreEqual(store, model), $"{store.Story}\nThe store:\n{store.Describe()}\nThe model:\n{model.Describe()}");
        TestRow[] rows = [.. model.Held.Select(h => ModelWorld.Row(h.Item) with { Text = string.Concat(ModelWorld.Row(h.Item).Text.EnumerateRunes().Index().Where(r => !h.Gone.Contains(r.Index)).Select(r => r.Item.ToString())) })];
        if (model.Outcome == "done")
        {
            var differences = StoreAssert.Differences(FromScratch.Checkpoints(store.Store.Store.Recipe, store.Store.Store.Key, rows), store.Store.Checkpoints());
            CampaignCase.Demand(differences.Count == 0, $"{store.Story}\n{string.Join('\n', differences)}");
        }

        store.Store.CheckInvariants();
    }

    private static byte[] Key(int number) => Sharding.Seeds.Derive((ulong)number, "test key").ToBytes();

    private static GenOperation<LifeStore, LifeModel> Both(Action<LifeStore> store, Action<LifeModel> model) =>
        Gen.Operation<LifeStore, LifeModel>(s => If(s.Goes(), () => store(s)), m => If(m.Goes(), () => model(m)));

    private static GenOperation<LifeStore, LifeModel> Both<T>(Gen<T> gen, Action<LifeStore, T> store, Action<LifeModel, T> model) =>
        gen.Operation<LifeStore, LifeModel>((s, value) => If(s.Goes(), () => store(s, value)), (m, value) => If(m.Goes(), () => model(m, value)));

    private static void If(bool goes, Action action)
    {
        if (goes)
        {
            action();
        }
    }
}
