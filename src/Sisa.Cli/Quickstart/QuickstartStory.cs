using System.Diagnostics;
using System.Globalization;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Training.Launching;
using Sisa.Engine.Verifying;
using Sisa.Forgetting;
using Sisa.Readers.Recipes;
using Sisa.Serving.Bundles;
using Sisa.Serving.Measuring;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Cli.Quickstart;

/// <summary>Runs the steps of a user one after another, and explains them.</summary>
/// <param name="path">Folder to work in.</param>
/// <param name="workers">Worker processes.</param>
/// <param name="output">The outputs of this run.</param>
/// <param name="cancellation">Ends the work.</param>
internal sealed class QuickstartStory(string path, int workers, Output output, CancellationToken cancellation)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Narrator _narrator = new(output);

    /// <summary>Runs all steps.</summary>
    public QuickstartReport Run()
    {
        var folder = QuickstartFolder.Prepare(path);
        var sample = MakeSample(folder);
        using var store = MakeStore(folder, sample);
        var training = Train(folder, store);

        var shard = store.Manifest.Items.FindBySubject([sample.Person.Name])[0].Place.Shard;
        var before = Evaluate(folder, store, sample, shard);
        var digestsBefore = LastDigests(store);

        var forgetting = Forget(folder, store, sample.Person, training);
        var after = Measure(store, sample, shard);
        Compare(sample.Person, shard, before, after);

        var rerun = Rerun(folder, store, sample);
        var scratch = rerun.Comparisons.ToDictionary(c => c.Place, c => c.Rerun);
        var report = new QuickstartReport
        {
            Folder = Path.GetFullPath(folder.Path),
            Store = store.Layout.Root,
            Items = sample.TrainCount,
            Subjects = SampleCorpus.AuthorCount,
            Training = training,
            Forgetting = forgetting,
            Before = before,
            After = after,
            Verified = rerun.IsVerified,
            Checkpoints = [.. LastDigests(store).Select(last => new DigestRow(last.Key.Shard, digestsBefore[last.Key], last.Value, scratch.GetValueOrDefault(last.Key)))],
            Seconds = _clock.Elapsed.TotalSeconds,
        };
        Certify(store, rerun);
        Conclude(folder, sample, rerun, report);
        return report;
    }

    private Sample MakeSample(QuickstartFolder folder)
    {
        var sample = SampleCorpus.Write(folder.Path, SampleCorpus.DefaultSeed);
        folder.WriteDeclarations(SampleCorpus.DefaultSeed);
        _narrator.Title("Sisa from the first text to the proof of a deletion");
        _narrator.Step("A sample to learn from");
        _narrator.Tell(
            $"{SampleCorpus.AuthorCount} invented people wrote {Figures.Count(sample.TrainCount)} short texts in {sample.Examples.Count} languages. "
            + $"{Figures.Count(sample.TestCount)} more, by other people, are held out. A model is to tell the topic of a text. All files are in the folder {folder.Path}.");
        _narrator.Space();
        _narrator.Rows([.. sample.Examples.Select(text => new[] { text.Language, text.Label, text.Text })]);
        return sample;
    }

    private Store MakeStore(QuickstartFolder folder, Sample sample)
    {
        var recipe = RecipeReader.Read(folder.Recipe);
        recipe = recipe with { Evaluation = new EvaluationOptions { File = Path.GetFullPath(sample.TestFile) } };
        var (shards, slices) = (recipe.Ensemble.Shards, recipe.Ensemble.Slices);
        _narrator.Step("A store");
        _narrator.Tell(
            $"The corpus is split into {shards} shards of {slices} slices. A keyed hash of the author alone decides the place of a text: "
            + "neighbours do not matter, so removing one person moves no other text.");
        _narrator.Space();
        _narrator.Command("sisa", "init", "--recipe", folder.Recipe, "--assignment-key", folder.AssignmentKey, "--store", folder.Store);
        _narrator.Command("sisa", "ingest", sample.TrainFile, "--store", folder.Store);
        var store = Store.Create(folder.Store, recipe, AssignmentKey.Parse(File.ReadAllText(folder.AssignmentKey), folder.AssignmentKey), passphrase: string.Empty);
        var report = new Ingestor(store).Ingest([sample.TrainFile], new IngestOptions(), cancellation);
        _narrator.Space();
        _narrator.Tell($"{Figures.Count(report.Items, "text")} are in the store.");
        return store;
    }

    private WorkFigures Train(QuickstartFolder folder, Store store)
    {
        var (shards, slices) = (store.Recipe.Ensemble.Shards, store.Recipe.Ensemble.Slices);
        _narrator.Step("Training");
        _narrator.Tell($"Each shard trains its own model and keeps a checkpoint at the end of each slice: {shards} models, {shards * slices} checkpoints.");
        _narrator.Space();
        _narrator.Command("sisa", "train", "--store", folder.Store);
        SpaceBeforeProgress();
        var report = BringUpToDate(store);
        _narrator.Tell($"{Figures.Count(report.Stages.Count, "checkpoint")} after {Figures.Count(report.Visits)} item visits in {Figures.Seconds(report.Seconds)}.");
        return new WorkFigures(report.Visits, report.Seconds);
    }

    private QualityFigures Evaluate(QuickstartFolder folder, Store store, Sample sample, ShardId shard)
    {
        _narrator.Step("How good it is");
        _narrator.Tell("The ensemble answers with the mean of its models, and is better than each of them.");
        _narrator.Space();
        _narrator.Command("sisa", "evaluate", "--store", folder.Store);
        var quality = Measure(store, sample, shard);
        var single = quality.Constituents.Order().ToList();
        _narrator.Space();
        _narrator.Rows(
            [
                ["held-out texts, the ensemble", Figures.Share(quality.HeldOut)],
                ["held-out texts, one model", $"{Figures.Share(single[0])} to {Figures.Share(single[^1])}"],
            ],
            numbers: true);
        return quality;
    }

    private ForgettingFigures Forget(QuickstartFolder folder, Store store, SamplePerson person, WorkFigures training)
    {
        _narrator.Step($"{person.Name} asks to be forgotten");
        _narrator.Tell(
            $"{Figures.Count(person.TextCount, "text")} in English and {person.SecondLanguage}, half of them about {person.FavouriteTopic}. Some name {person.Companion}, a companion who appears in no other author's texts.");
        _narrator.Space();
        _narrator.Command("sisa", "forget", "--subject", person.Name, "--store", folder.Store);
        SpaceBeforeProgress();

        var clock = Stopwatch.StartNew();
        var (outcome, report, fallback) = Forget(store, new ForgetRequest { Id = "quickstart", Subjects = [person.Name] }, clock);
        var published = fallback + report.Seconds;
        var plan = outcome.Plan.Shards[0];
        var figures = new ForgettingFigures(
            person.Name, plan.ItemCount, plan.Shard, plan.CleanStage, report.Visits, outcome.Plan.FullVisits, fallback, published);

        var slice = plan.CleanStage.Next.Value;
        var (slices, shards) = (store.Recipe.Ensemble.Slices, store.Recipe.Ensemble.Shards);
        var clean = slice == 1 ? "its initial state" : $"checkpoint {plan.CleanStage.Value}";
        var fallbackState = slice == 1 ? "is left out" : $"serves {clean}, which never saw them";
        var purge = report.Requests[0].Summary.Purge!;
        var rows = new List<string[]>
        {
            new[] { "where", $"all {Figures.Count(plan.ItemCount, "text")} are in slice {slice} of {plan.Shard}; no other model saw them" },
            new[] { "at once", $"after {Figures.Seconds(fallback)} {plan.Shard} {fallbackState}" },
            new[] { "retrained", $"{plan.Shard} alone, {plan.StageCount} of {slices} stages, from {clean}" },
            new[] { "work", $"{Figures.Count(report.Visits)} item visits, {Figures.Share(report.Visits / outcome.Plan.FullVisits)} of the {Figures.Count(outcome.Plan.FullVisits)} of a full retraining" },
            new[] { "at worst", $"a person in slice 1 costs all {slices} stages of a shard, about {Figures.Share(1.0 / shards)}" },
            new[] { "time", $"{Figures.Seconds(published)} to the new model; the full training took {Figures.Seconds(training.Seconds)}" },
            new[] { "purged", $"{Figures.Count(purge.PatternsSearched, "trace")} searched for in the store's {Figures.Bytes(purge.BytesSearched)}: {(purge.Hits == 0 ? "none" : Figures.Count(purge.Hits))} left" },
        };
        if (purge.RetainedHits > 0)
        {
            rows.Add(["", $"{Figures.Count(purge.RetainedHits, "place")} in other authors' texts hold the same sentence; they stay"]);
        }

        _narrator.Rows(rows);
        return figures;
    }

    private (ForgetOutcome Outcome, TrainReport Training, double FallbackSeconds) Forget(Store store, ForgetRequest request, Stopwatch clock)
    {
        var pool = new Lazy<WorkerPool>(() => new WorkerPool(WorkerCommand.ThisProgram(), store.Layout, store.Recipe, workers));
        using var telling = new FallbackClock(clock, new TrainingView(output));
        var life = new RequestLife(store) { Trainer = () => pool.Value, Keys = StoredKeys.InTheClear, Meter = new ForgettingMeter(store, null, output.Warn, cancellation), Observer = telling, Patience = TimeSpan.Zero };
        try
        {
            var report = life.Run([request], cancellation: cancellation);
            return (report.Outcomes.Outcomes[0], report.Training!, telling.Seconds);
        }
        finally
        {
            if (pool.IsValueCreated)
            {
                pool.Value.Dispose();
            }
        }
    }

    private void Compare(SamplePerson person, ShardId shard, QualityFigures before, QualityFigures after)
    {
        var first = person.Name.Split(' ')[0];
        _narrator.Step("What that changed");
        _narrator.Tell($"The ensemble is about as good as before. The model that had memorised {first}'s texts now treats them as unknown.");
        _narrator.Space();
        _narrator.Rows(
            [
                ["", "before", "after"],
                ["held-out texts, the ensemble", Figures.Share(before.HeldOut), Figures.Share(after.HeldOut)],
                [$"{first}'s texts, the ensemble", Figures.Share(before.Person.Ensemble.Accuracy), Figures.Share(after.Person.Ensemble.Accuracy)],
                [$"{first}'s texts, the model of {shard}", Figures.Share(before.Person.Constituent.Accuracy), Figures.Share(after.Person.Constituent.Accuracy)],
                ["  its log-loss on them", Loss(before), Loss(after)],
            ],
            numbers: true);
        _narrator.Space();
        _narrator.Tell(
            $"{first} wrote \"{person.Telling.Text}\" about {person.Telling.Label}. "
            + $"That model was {Figures.Share(before.Person.Telling)} sure of the sentence, and is {Figures.Share(after.Person.Telling)} sure now.");
    }

    private RerunReport Rerun(QuickstartFolder folder, Store store, Sample sample)
    {
        _narrator.Step("The proof");
        _narrator.Tell(
            $"The corpus file is ingested and trained again, from scratch and without {sample.Person.Name}. "
            + "If forgetting was exact, the result is the same checkpoints as in the store.");
        _narrator.Space();
        _narrator.Command("sisa", "verify", "--rerun", "--corpus", sample.TrainFile, "--store", folder.Store);
        SpaceBeforeProgress();
        var scratch = Path.Combine(Path.GetTempPath(), $"sisa-rerun-{Environment.ProcessId}");
        try
        {
            using var pool = new WorkerPool(WorkerCommand.ThisProgram(), store.Layout, store.Recipe, workers);
            using var view = new TrainingView(output);
            return new Rerun(store, pool).Run(new RerunSource { Files = [sample.TrainFile] }, scratch, TimeSpan.Zero, view, cancellation);
        }
        finally
        {
            // Workers that were interrupted write until the pool is gone.
            Engine.Verifying.Rerun.RemoveScratch(scratch);
        }
    }

    // The certificate says that the training was repeated, where it was.
    private static void Certify(Store store, RerunReport rerun)
    {
        if (rerun.IsVerified)
        {
            new Certification(store, StoredKeys.InTheClear, TimeSpan.Zero).Renew(rerun.ToCertified());
        }
    }

    private void Conclude(QuickstartFolder folder, Sample sample, RerunReport rerun, QuickstartReport report)
    {
        var rows = report.Checkpoints.Select(row => new[]
        {
            row.Shard.ToString(),
            row.Before.ToShortString(),
            row.After.ToShortString(),
            row.Scratch?.ToShortString() ?? "–",
            row.Scratch != row.After ? "DIFFERENT" : row.Before == row.After ? "equal" : "equal, and new",
        });
        _narrator.Rows(
            [["SHA-256 of", "before", "after", "from scratch", ""], .. rows],
            style: i => i == 0 ? null : report.Checkpoints[i - 1] is var row && row.Scratch != row.After ? "red" : row.Before == row.After ? null : "green");
        _narrator.Space();
        var equal = rerun.Comparisons.Count(c => c.IsEqual);
        _narrator.Tell(rerun.IsVerified
            ? $"All {equal} checkpoints are equal, byte for byte, optimizer state included. The store equals one that never held the texts of {sample.Person.Name}."
            : $"Only {equal} of {rerun.Comparisons.Count} checkpoints are equal. This must not happen; please report it. {string.Join(' ', rerun.Faults)}");

        _narrator.Space();
        _narrator.Tell("A signed certificate records this. Its check needs only the public key, neither this store nor the corpus:");
        _narrator.Space();
        _narrator.Command("sisa", "verify", Path.Combine(folder.Store, "certificates", "quickstart.dsse.json"), "--public-key", Path.Combine(folder.Store, "keys", "certificate.pub.pem"));

        _narrator.Title($"Done in {Figures.Seconds(report.Seconds)}");
        _narrator.Tell($"The store stays in {folder.Path}. The sample's files stay too, and are yours to delete: Sisa forgets only what is in the store. Continue with:");
        _narrator.Space();
        _narrator.Command("sisa", "status", "--store", folder.Store);
        _narrator.Command("sisa", "forget", "--subject", sample.Examples[^1].Author, "--dry-run", "--store", folder.Store);
        _narrator.Command("sisa", "predict", sample.TestFile, "--store", folder.Store);
    }

    private TrainReport BringUpToDate(Store store)
    {
        using var pool = new WorkerPool(WorkerCommand.ThisProgram(), store.Layout, store.Recipe, workers);
        using var view = new TrainingView(output);
        return new Reconciler(store, pool, new ForgettingMeter(store, null, output.Warn, cancellation)).BringUpToDate(TimeSpan.Zero, view, cancellation);
    }

    // A bundle serves one ensemble; the store that it would close with it is still needed.
    private QualityFigures Measure(Store store, Sample sample, ShardId shard)
    {
        var evaluation = ClassificationEvaluation.Of(new StoreBundle(store), sample.TestFile, store.Recipe.Aggregation, null, cancellation);
        return new QualityFigures(
            evaluation.Ensemble.Accuracy,
            [.. evaluation.Constituents.Select(c => c.Figures.Accuracy)],
            PersonFigures.Of(new StoreBundle(store), sample.PersonFile, shard, sample.Person.Telling.Id, cancellation));
    }

    // Bars bring empty lines of their own; plain lines of progress go elsewhere than the story, or are as plain as it.
    private void SpaceBeforeProgress()
    {
        if (!output.IsTerminal || output.Json)
        {
            _narrator.Space();
        }
    }

    private static Dictionary<Placement, Digest> LastDigests(Store store) => StatusReport.Of(store).Checkpoints
        .Where(c => c.Slice == store.Recipe.Ensemble.Slices)
        .ToDictionary(c => new Placement(new ShardId(c.Shard), new SliceIndex(c.Slice)), c => c.Digest);

    private static string Loss(QualityFigures quality) => quality.Person.Constituent.LogLoss.ToString("0.000", CultureInfo.InvariantCulture);
}
