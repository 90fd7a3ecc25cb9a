using System.Text;
using Sisa.Campaigns.Real;
using Sisa.Engine.Certifying;
using Sisa.Engine.Recovering;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Slices;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Campaigns.Canary;

/// <summary>Plants a secret in an item, forgets it, and looks for it in everything that is left.</summary>
/// <remarks>Searched for, besides the secret in every dress: the item's encoded features, its digests without a key, and the digests and roots of the
/// files that had seen it. Out of reach, and said so in every certificate: the source file, which a case removes before it searches.</remarks>
public sealed class CanaryCampaign : Campaign
{
    private const int RealEvery = 20;

    private static readonly string[] Places = ["id", "subject", "text", "numbers"];

    /// <inheritdoc/>
    public override string Name => "canary";

    /// <inheritdoc/>
    public override string What => "a secret of 256 bits in a forgotten item's id, subject, text or numbers, as hexadecimal, base64, signs or floats: after the purge it is nowhere under the store, in temporary folders or in what later commands print";

    /// <inheritdoc/>
    public override int Goal => 1_000;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => [.. Enumerable.Range(0, 16), RealEvery - 1];

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "canary case"));
        var secret = new Secret(number);
        if (number % RealEvery == RealEvery - 1)
        {
            RunReal(number, secret, random, context);
        }
        else
        {
            RunInProcess(number, secret, random, context);
        }

        context.Count("deletions");
    }

    private static string PlaceOf(int number) => Places[number % Places.Length];

    private static string Dress(int number, Secret secret) => (number / Places.Length % 3) switch { 0 => secret.Hexadecimal, 1 => secret.Base64, _ => secret.Signs };

    private static TestRow Carrier(int number, Secret secret)
    {
        var row = TestRow.One(9_999, "author-of-one");
        return PlaceOf(number) switch
        {
            "id" => row with { Id = Dress(number, secret) },
            "subject" => row with { Author = Dress(number, secret) },
            "text" => row with { Text = $"amber {Dress(number, secret)} naïve" },
            _ => row,
        };
    }

    private static void RunInProcess(int number, Secret secret, SeededGenerator random, CampaignCase context)
    {
        var isNumbers = PlaceOf(number) == "numbers";
        using var store = new TestStore(isNumbers ? NumbersRecipe() : SmallRecipes.Text(1 + random.NextInt32(3), 1 + random.NextInt32(3)), SmallRecipes.Key(number));
        using var keys = KeyRing.Create(store.Store, string.Empty);
        var carrier = Carrier(number, secret);
        TestRow[] rows = [carrier, .. TestRow.Many(10 + random.NextInt32(random.NextInt32(4) == 0 ? 400 : 40), authors: 6)];
        var numbers = isNumbers ? secret.Values : [];
        Ingest(store, rows, numbers, random);
        store.Train();
        var patterns = Patterns(secret, store, carrier);
        var story = Forget(store, number, carrier, keys, random, context);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(store.Path)!))
        {
            File.Delete(file);
        }

        CampaignCase.Demand(store.Store.Manifest.Requests.All().All(r => r.State == RequestState.Certified), $"A request is not certified.\n{story}");
        CanarySearch.DemandNothing(patterns, [Path.GetDirectoryName(store.Path)!], context, story);
        store.CheckInvariants();
        context.Count($"in process: in the {PlaceOf(number)}");
    }

    // Before the secret, or after it, or around it: where its row lies among others decides where SQLite leaves copies.
    private static void Ingest(TestStore store, TestRow[] rows, IReadOnlyList<double> numbers, SeededGenerator random)
    {
        if (numbers.Count > 0)
        {
            var path = store.Beside("numbers.jsonl");
            File.WriteAllLines(path, rows.Select((row, i) => $$"""{"id": "{{row.Id}}", "label": "red", {{string.Join(", ", Enumerable.Range(0, Secret.Numbers).Select(n => $"\"n{n}\": {(i == 0 ? numbers[n] : i * (n + 1) % 97 / 97.0).ToString("R", System.Globalization.CultureInfo.InvariantCulture)}"))}}}"""));
            new Engine.Ingesting.Ingestor(store.Store).Ingest([path], new Engine.Ingesting.IngestOptions());
            return;
        }

        var cut = 1 + random.NextInt32(rows.Length - 1);
        store.Ingest(rows[..cut]);
        if (random.NextInt32(2) == 0)
        {
            store.Train();
        }

        store.Ingest(rows[cut..]);
    }

    private static Recipe NumbersRecipe()
    {
        var recipe = SmallRecipes.Mlp(2, 2);
        return recipe with { Features = new FeatureOptions { Numbers = [.. Enumerable.Range(0, Secret.Numbers).Select(n => new NumberFeature($"n{n}", 0, 1))] } };
    }

    private static List<byte[]> Patterns(Secret secret, TestStore store, TestRow carrier)
    {
        var place = store.PlaceOf(carrier.Id);
        var slice = store.Store.Manifest.Slices.Get(place);
        var patterns = secret.Patterns().ToList();
        using (var file = SliceFile.Open(store.Store.Layout.Absolute(slice.File!), slice.Root))
        {
            var index = file.Find(Encoding.UTF8.GetBytes(carrier.Id));
            patterns.AddRange(Secret.Halves(file[index].Features.ToArray()));
            patterns.Add(file.Leaf(index).ToBytes());
        }

        var tainted = store.Store.Manifest.Checkpoints.All().Where(c => c.Place.Shard == place.Shard && c.Place.Slice >= place.Slice);
        foreach (var digest in tainted.SelectMany(c => new[] { c.Digest, c.Tensors, c.Lineage }).Append(slice.Root.Root))
        {
            patterns.Add(digest.ToBytes());
            patterns.Add(Encoding.UTF8.GetBytes(digest.ToString()[..16]));
        }

        return patterns;
    }

    private static string Forget(TestStore store, int number, TestRow carrier, KeyRing keys, SeededGenerator random, CampaignCase context)
    {
        var request = new ForgetRequest { Id = "r", Policy = (ForgetPolicy)random.NextInt32(3) };
        var start = carrier.Text.IndexOf(' ', StringComparison.Ordinal) + 1;
        var how = PlaceOf(number) == "text" && random.NextInt32(3) == 0 ? "a span" : PlaceOf(number) != "numbers" && random.NextInt32(2) == 0 ? "a subject" : "an item";
        request = how switch
        {
            "a span" => request with { Spans = [new ItemSpan(carrier.Id, new TextSpan(start, carrier.Text.LastIndexOf(' ')))] },
            "a subject" => request with { Subjects = [carrier.Author] },
            _ => request with { Items = [carrier.Id] },
        };
        store.Receive(request);
        var ending = random.NextInt32(5) switch
        {
            0 => Straight(store),
            1 => AfterInterruption(store, random),
            2 => AfterDeathBeforePurge(store),
            3 => AfterCrash(store, random),
            _ => TogetherWithAnother(store),
        };
        new Certifier(store.Store, keys, TimeSpan.Zero).Run();
        context.Count($"in process: {how}, {ending}");
        return $"{how}, {ending}, the secret in the {PlaceOf(number)}";
    }

    private static string Straight(TestStore store)
    {
        store.Train();
        return "uninterrupted";
    }

    private static string AfterInterruption(TestStore store, SeededGenerator random)
    {
        store.Trainer.FailAtStage(1 + random.NextInt32(3));
        try
        {
            store.Train();
        }
        catch (InjectedException)
        {
            store.Reopen();
        }

        store.Trainer = new FakeTrainer();
        store.Train();
        return "interrupted in training";
    }

    private static string AfterDeathBeforePurge(TestStore store)
    {
        try
        {
            store.Train(new DeathAtPublication());
        }
        catch (InjectedException)
        {
            store.Reopen();
        }

        new Recovery(store.Store).Run(TimeSpan.Zero);
        return "died before the purge";
    }

    // The store goes on from what lay on disk at a random moment of the training, the purge included.
    private static string AfterCrash(TestStore store, SeededGenerator random)
    {
        using var camera = new CrashCamera(store.Store);
        store.Train();
        camera.Stop();
        store.PutBack(camera.Pictures[random.NextInt32(camera.Pictures.Count)]);
        store.Train();
        return "crashed";
    }

    private static string TogetherWithAnother(TestStore store)
    {
        store.Receive(new ForgetRequest { Id = "other", Items = [store.ItemIds().First(id => store.Store.Manifest.Requests.Targets().All(t => t.Item != id))] });
        store.Train();
        return "together with another";
    }

    private static void RunReal(int number, Secret secret, SeededGenerator random, CampaignCase context)
    {
        var real = RealStore.Begin(context.Folder);

        // The recipe of the program's store has no numbers.
        var planted = PlaceOf(number) == "numbers" ? random.NextInt32(3) + (Places.Length * random.NextInt32(3)) : number;
        var carrier = Carrier(planted, secret);
        var corpus = TestRow.Write(Path.Combine(context.Folder, "more.jsonl"), [carrier]);
        real.Run("ingest", corpus).Expect(ExitCode.Done);
        real.Run("train").Expect(ExitCode.Done);
        real.Run("forget", "--item", carrier.Id, "--request-id", "r").Expect(ExitCode.Done);
        File.Delete(corpus);

        // What is told after the request is done is searched too; the request's own answer belongs to who made it.
        var log = Path.Combine(context.Folder, "later.log");
        foreach (var command in (string[][])[["status", "--json"], ["recover"], ["certificate", "show", "r", "--auditor"], ["export", "out"], ["verify", "--rerun"]])
        {
            var answer = real.Run(command).Expect(ExitCode.Done);
            File.AppendAllText(log, answer.Output + answer.Errors);
        }

        CanarySearch.DemandNothing([.. secret.Patterns()], [context.Folder], context, $"sisa, the secret in the {PlaceOf(planted)}");
        context.Count($"sisa: in the {PlaceOf(planted)}");
    }
}
