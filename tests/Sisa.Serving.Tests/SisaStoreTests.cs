using Microsoft.Data.Sqlite;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Serving.Tests;

/// <summary>The store as a program of somebody else has it.</summary>
public sealed class SisaStoreTests
{
    private static readonly TestRow[] Rows = TestRow.Many(40);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    private static Row Question { get; } = new() { ["text"] = "who says number 7 to whom" };

    [Fact]
    public async Task It_trains_answers_forgets_and_verifies()
    {
        await using var library = await LibraryStore.Trained(Rows);
        var before = await library.Store.PredictAsync(Question, Ending);
        Assert.Equal(LibraryStore.Recipe.Labels, before.Probabilities.Keys);
        Assert.Equal(1, before.Probabilities.Values.Sum(), 4);

        var receipt = await library.Store.ForgetAsync(ForgetRequest.OfSubject("author-003"), cancellationToken: Ending);
        Assert.Equal(RequestState.FallbackPublished, receipt.Report.Request!.State);
        Assert.Equal(8, receipt.Report.Forgotten.Count);
        var done = await receipt.Completion;

        Assert.Equal(RequestState.Certified, done.Request!.State);
        Assert.NotNull(done.Training);
        Assert.True(File.Exists((await library.Store.RequestAsync(receipt.Request!, Ending)).Certificate));
        Assert.Empty(library.Differences([.. Rows.Where(r => r.Author != "author-003")]));
        Assert.True((await library.Store.VerifyAsync(cancellationToken: Ending)).Verified);
        Assert.True((await library.Store.PredictAsync(Question, Ending)).Epoch > before.Epoch);
        var status = await library.Store.StatusAsync(Ending);
        Assert.Equal((32, true, 0), (status.Items, status.UpToDate, status.Requests.Count));
    }

    [Fact]
    public async Task After_the_receipt_nothing_answers_that_has_seen_what_it_names()
    {
        await using var library = await LibraryStore.Trained(Rows);
        var asked = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                var epochs = new List<long>();
                while (!asked.IsCancellationRequested)
                {
                    epochs.Add((await library.Store.PredictAsync(Question, Ending)).Epoch);
                }

                return epochs;
            },
            Ending)).ToArray();
        foreach (var author in new[] { "author-000", "author-001", "author-002" })
        {
            var receipt = await library.Store.ForgetAsync(ForgetRequest.OfSubject(author), cancellationToken: Ending);

            Assert.True((await library.Store.PredictAsync(Question, Ending)).Epoch >= receipt.Report.Request!.Epoch);
            Assert.Equal(RequestState.Certified, (await receipt.Completion).Request!.State);
        }

        await asked.CancelAsync();

        // Nobody ever saw an older bundle after a newer one.
        Assert.All(await Task.WhenAll(callers), epochs => Assert.Equal(epochs.Order(), epochs));
        Assert.Empty(library.Differences([.. Rows.Where(r => r.Author is "author-003" or "author-004")]));
    }

    [Fact]
    public async Task A_receipt_does_not_wait_for_training()
    {
        await using var library = await LibraryStore.Trained(Rows);
        using var held = new SlowTraining();
        await library.Store.DisposeAsync();
        await library.Open(new SisaOptions { Progress = held });
        var first = await library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[3].Id), cancellationToken: Ending);
        held.WaitUntilBegun();

        var second = await library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[4].Id), cancellationToken: Ending);

        Assert.False(first.Completion.IsCompleted);
        Assert.Equal(RequestState.FallbackPublished, second.Report.Request!.State);
        held.Release();
        await Task.WhenAll(first.Completion, second.Completion);
        Assert.Empty(library.Differences([.. Rows.Where((_, i) => i is not (3 or 4))]));
    }

    [Fact]
    public async Task Requests_of_many_callers_are_all_finished()
    {
        await using var library = await LibraryStore.Trained(Rows);

        var receipts = await Task.WhenAll(Rows.Take(12).Select(row => Task.Run(() => library.Store.ForgetAsync(ForgetRequest.OfItem(row.Id), cancellationToken: Ending), Ending)));
        var reports = await Task.WhenAll(receipts.Select(r => r.Completion));

        Assert.All(reports, report => Assert.Equal(RequestState.Certified, report.Request!.State));
        Assert.Equal(12, receipts.Select(r => r.Request).Distinct().Count());
        Assert.Empty(library.Differences(Rows[12..]));
        Assert.Empty(library.Notices);
    }

    [Fact]
    public async Task A_list_is_received_together_and_says_what_became_of_each()
    {
        await using var library = await LibraryStore.Trained(Rows);
        ForgetRequest[] asked = [ForgetRequest.OfItem(Rows[0].Id) with { Id = "a" }, ForgetRequest.OfItem("nobody") with { Id = "b" }];

        var receipt = await library.Store.ForgetAsync(asked, library.Beside("copies"), Ending);
        var done = await receipt.Completion;

        Assert.Equal([RequestState.Certified, RequestState.NothingHeld], done.Requests.Select(r => r.Request!.State));
        Assert.True(File.Exists(Path.Combine(library.Beside("copies"), "a.json")));
        Assert.Equal(["b"], (await library.Store.RequestsAsync(new RequestFilter { States = [RequestState.NothingHeld] }, Ending)).Requests.Select(r => r.Id));
    }

    [Fact]
    public async Task A_plan_changes_nothing()
    {
        await using var library = await LibraryStore.Trained(Rows);

        var plan = await library.Store.PlanAsync(ForgetRequest.OfItem(Rows[0].Id, "ITEM-00001", "nobody"), Ending);

        Assert.Equal((1, 2, 1), (plan.Forgotten.Count, plan.Unknown.Count, plan.NearSpellings.Count));
        Assert.Null(plan.Request);
        Assert.True((await library.Store.StatusAsync(Ending)).UpToDate);
    }

    [Fact]
    public async Task What_another_process_receives_is_taken_out_of_service_without_reopening()
    {
        await using var library = await LibraryStore.Trained(Rows);
        await library.Store.PredictAsync(Question, Ending);
        using var other = library.OpenAsOther();
        var recorded = new Forgetter(other).Receive(ForgetRequest.OfItem(Rows[5].Id)).Recorded!;
        Assert.Equal(RequestState.Received, other.Manifest.Requests.Get(recorded.Number).State);

        while (other.Manifest.Requests.Get(recorded.Number).State == RequestState.Received)
        {
            await Task.Delay(5, Ending);
        }

        Assert.True((await library.Store.PredictAsync(Question, Ending)).Epoch >= other.Manifest.Requests.Get(recorded.Number).Epoch);
        await library.Store.TrainAsync(Ending);
        Assert.Equal(RequestState.Certified, other.Manifest.Requests.Get(recorded.Number).State);
    }

    [Fact]
    public async Task A_receipt_that_cannot_write_in_time_says_so_and_records_nothing()
    {
        await using var library = await LibraryStore.Trained(Rows, new SisaOptions { ReceiptTimeout = TimeSpan.FromSeconds(1) });
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(library.Path, "manifest.db")};Pooling=False"))
        {
            await other.OpenAsync(Ending);
            await using var transaction = other.BeginTransaction(deferred: false);

            await Assert.ThrowsAsync<StoreBusyException>(() => library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[0].Id), cancellationToken: Ending));
            Assert.Equal(40, (await library.Store.StatusAsync(Ending)).Items);
        }

        await (await library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[0].Id), cancellationToken: Ending)).Completion;
        Assert.Equal(1, (await library.Store.StatusAsync(Ending)).RequestCounts.Values.Sum());
    }

    [Fact]
    public async Task Training_that_was_cancelled_goes_on_with_the_next_call()
    {
        await using var library = await LibraryStore.Create();
        using var held = new SlowTraining();
        await library.Store.DisposeAsync();
        await library.Open(new SisaOptions { Progress = held });
        await library.Ingest(Rows);
        using var cancelled = new CancellationTokenSource();
        var training = library.Store.TrainAsync(cancelled.Token);
        held.WaitUntilBegun();
        await cancelled.CancelAsync();
        held.Release();
        await Assert.ThrowsAnyAsync<Exception>(() => training);

        await library.Store.TrainAsync(Ending);

        Assert.Empty(library.Differences(Rows));
    }

    [Fact]
    public async Task A_store_that_is_closed_in_the_middle_finishes_when_it_trains_again()
    {
        await using var library = await LibraryStore.Trained(Rows);
        using var held = new SlowTraining();
        await library.Store.DisposeAsync();
        await library.Open(new SisaOptions { Progress = held });
        var first = await library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[3].Id), cancellationToken: Ending);
        held.WaitUntilBegun();
        var second = await library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[4].Id), cancellationToken: Ending);
        var closing = library.Store.DisposeAsync();
        held.Release();
        await closing;

        await Assert.ThrowsAnyAsync<Exception>(() => first.Completion);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Completion);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => library.Store.StatusAsync(Ending));
        await library.Store.DisposeAsync();
        await library.Open();
        await library.Store.TrainAsync(Ending);
        Assert.Equal(RequestState.Certified, (await library.Store.RequestAsync(second.Request!, Ending)).Request.State);
        Assert.Empty(library.Differences([.. Rows.Where((_, i) => i is not (3 or 4))]));
    }

    [Fact]
    public async Task A_request_that_waits_for_others_is_finished_when_it_may_wait_no_longer()
    {
        var recipe = LibraryStore.Recipe with { Requests = LibraryStore.Recipe.Requests with { Window = 1.0 / 3600 } };
        await using var library = await LibraryStore.Create(recipe: recipe);
        await library.Ingest(Rows);
        await library.Store.TrainAsync(Ending);

        var receipt = await library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[0].Id), cancellationToken: Ending);

        Assert.NotNull(receipt.Report.Request!.Waits);
        Assert.Equal(RequestState.Certified, (await receipt.Completion).Request!.State);
    }

    [Fact]
    public async Task Encrypted_keys_are_opened_at_the_start()
    {
        await using var library = await LibraryStore.Create();
        await library.Store.DisposeAsync();
        Directory.Delete(library.Path, recursive: true);
        using (Engine.Stores.Store.Create(library.Path, LibraryStore.Recipe, SmallRecipes.Key(), passphrase: "right"))
        {
            // Its keys are encrypted.
        }

        await Assert.ThrowsAsync<EvidenceException>(() => library.Open(new SisaOptions { Passphrase = "wrong" }));
        await library.Open(new SisaOptions { Passphrase = "right" });
        await library.Ingest(Rows);
        await library.Store.TrainAsync(Ending);
        Assert.Equal(RequestState.Certified, (await (await library.Store.ForgetAsync(ForgetRequest.OfItem(Rows[0].Id), cancellationToken: Ending)).Completion).Request!.State);
    }

    [Fact]
    public async Task A_program_that_is_no_worker_says_so_and_loses_nothing()
    {
        await using var library = await LibraryStore.Create(options: new SisaOptions { Workers = 1 });
        await library.Ingest(Rows);

        Assert.Contains("cannot be started as a worker", (await Assert.ThrowsAsync<EnvironmentException>(() => library.Store.TrainAsync(Ending))).Message, StringComparison.Ordinal);
        await library.Store.DisposeAsync();
        await library.Open();
        Assert.Equal(2, (await library.Store.TrainAsync(Ending)).Stages / 3);
    }

    [Fact]
    public async Task Questions_for_another_task_and_bad_rows_are_refused()
    {
        await using var library = await LibraryStore.Trained(Rows);

        await Assert.ThrowsAsync<InvalidOperationException>(() => library.Store.GenerateAsync("the violin", cancellationToken: Ending));
        await Assert.ThrowsAsync<InvalidOperationException>(() => library.Store.ScoreAsync([Question], Ending));
        await Assert.ThrowsAsync<CorpusException>(() => library.Store.PredictAsync(new Row { ["txet"] = "a misspelt field" }, Ending));
        Assert.Equal(3, (await library.Store.PredictAsync([Question, Question, Question], Ending)).Count);
    }

    [Fact]
    public async Task What_was_in_vain_leaves_nothing_behind_for_what_comes_after()
    {
        await using var library = await LibraryStore.Create();
        await Assert.ThrowsAsync<NotFoundException>(() => library.Store.VerifyAsync(cancellationToken: Ending));
        await (await library.Store.ForgetAsync(ForgetRequest.OfSubject("nobody"), cancellationToken: Ending)).Completion;
        await Assert.ThrowsAsync<NotFoundException>(() => library.Store.TrainAsync(Ending));
        await Assert.ThrowsAsync<CorpusException>(() => library.Store.IngestAsync([], cancellationToken: Ending));
        await Assert.ThrowsAsync<CorpusException>(() => library.Store.IngestAsync([library.Beside("missing.jsonl")], cancellationToken: Ending));
        await Assert.ThrowsAsync<RequestException>(() => library.Store.ForgetAsync(new ForgetRequest(), cancellationToken: Ending));
        await Assert.ThrowsAsync<InvalidOperationException>(() => library.Store.EvaluateTextsAsync("any", Ending));

        await library.Ingest(Rows);
        await library.Store.TrainAsync(Ending);

        Assert.Empty(library.Differences(Rows));
        Assert.True((await library.Store.VerifyAsync(cancellationToken: Ending)).Verified);
    }

    [Fact]
    public async Task Options_that_mean_nothing_are_refused_at_the_start()
    {
        await using var library = await LibraryStore.Create();
        SisaOptions[] wrong =
        [
            new() { Workers = -1 }, new() { Device = "gpu" }, new() { Device = "cuda:x" }, new() { WatchInterval = TimeSpan.FromDays(-1) }, new() { QueryTimeout = TimeSpan.Zero },
            new() { ReceiptTimeout = TimeSpan.Zero }, new() { Patience = TimeSpan.FromSeconds(-1) },
        ];

        foreach (var options in wrong)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => SisaStore.OpenAsync(library.Path, options, Ending));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_random_life_ends_as_if_what_was_forgotten_had_never_been_there(int number)
    {
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "life of a library store"));
        await using var library = await LibraryStore.Create(number);
        var held = new Dictionary<string, TestRow>(StringComparer.Ordinal);
        var open = new List<Task>();
        for (var step = 0; step < 6; step++)
        {
            var rows = TestRow.Many(4 + random.NextInt32(12), 6, from: step * 100);
            await library.Ingest(rows);
            Array.ForEach(rows, row => held.Add(row.Id, row));
            open.Add(random.NextInt32(3) == 0 ? library.Store.TrainAsync(Ending) : Task.CompletedTask);
            for (var i = random.NextInt32(3); i > 0 && held.Count > 2; i--)
            {
                var id = held.Keys.Order(StringComparer.Ordinal).ElementAt(random.NextInt32(held.Count));
                var receipt = await library.Store.ForgetAsync(ForgetRequest.OfItem(id), cancellationToken: Ending);
                held.Remove(id);
                open.Add(receipt.Completion);
            }

            if (random.NextInt32(2) == 0)
            {
                await Task.WhenAll(open);
                await library.Store.PredictAsync(Question, Ending);
            }
        }

        await Task.WhenAll(open);
        await library.Store.TrainAsync(Ending);
        await library.Store.DisposeAsync();
        Assert.Empty(library.Differences(held.Values, number));
        StoreInvariants.Check(library.Path, isAtRest: true, trainerTells: false);
    }

    /// <summary>Holds training up until it is released.</summary>
    private sealed class SlowTraining : ITrainingProgress, IDisposable
    {
        private readonly ManualResetEventSlim _begun = new();
        private readonly ManualResetEventSlim _released = new();

        public void Waiting()
        {
            // Nobody else holds the store.
        }

        public void Begin(IReadOnlyList<ShardJob> jobs, bool environmentChanged)
        {
            _begun.Set();
            _released.Wait(Ending);
        }

        public void WaitUntilBegun() => _begun.Wait(Ending);

        public void Release() => _released.Set();

        public void Progress(StageProgress progress)
        {
            // Only the beginning counts.
        }

        public void Finished(StageResult result)
        {
            // Only the beginning counts.
        }

        public void Published()
        {
            // Only the beginning counts.
        }

        public void Dispose()
        {
            _begun.Dispose();
            _released.Dispose();
        }
    }
}
