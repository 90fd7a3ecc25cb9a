using Sisa.Engine.Certifying;
using Sisa.Engine.Recovering;
using Sisa.Engine.Training;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Training;

/// <summary>Work that is stopped at any point loses nothing, and the next run ends where one that was never stopped ends.</summary>
public sealed class CancellationTests
{
    [Fact]
    public void Rewriting_retraining_and_purge_that_are_stopped_at_any_statement_end_in_the_state_of_an_uninterrupted_run()
    {
        using var whole = Requested();
        whole.Train();
        var expected = State(whole);

        var stopped = 0;
        for (var at = 0; ; at += 5)
        {
            using var store = Requested();
            using (var cancellation = new StatementCancellation(store.Store, at))
            {
                var error = Record.Exception(() => store.Train(cancellation: cancellation.Token));
                if (!cancellation.IsReached)
                {
                    break;
                }

                stopped += error is InterruptedException ? 1 : 0;
                Assert.True(error is null or InterruptedException, error?.ToString());
            }

            store.Train();
            Assert.Equal(expected, State(store));
            store.CheckInvariants();
        }

        Assert.True(stopped > 5, $"It was stopped {stopped} times.");
    }

    [Fact]
    public void A_recovery_that_is_stopped_before_its_purge_leaves_the_purge_to_the_next()
    {
        using var store = Requested();
        Publish(store);
        using (var cancellation = new StatementCancellation(store.Store, 1))
        {
            Assert.Throws<OperationCanceledException>(() => new Recovery(store.Store).Run(TimeSpan.Zero, cancellation.Token));
        }

        Assert.All(store.Store.Manifest.Requests.Pending(), r => Assert.Equal(RequestState.Published, r.State));
        Assert.NotEmpty(store.Store.Manifest.Requests.Targets());
        Assert.Equal(3, new Recovery(store.Store).Run(TimeSpan.Zero).Purged);
        store.CheckInvariants();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Certification_that_is_stopped_at_any_statement_signs_nothing_twice_and_ends_with_every_file(int degree)
    {
        var stopped = 0;
        for (var at = 0; ; at += 3)
        {
            using var store = Requested();
            store.Train();
            using var keys = KeyRing.Create(store.Store, string.Empty);
            using (var cancellation = new StatementCancellation(store.Store, at))
            {
                var error = Record.Exception(() => new Certifier(store.Store, keys, TimeSpan.Zero) { BatchSize = 1, Degree = degree }.Run(cancellation: cancellation.Token));
                if (!cancellation.IsReached)
                {
                    break;
                }

                stopped += error is OperationCanceledException ? 1 : 0;
                Assert.True(error is null or OperationCanceledException, error?.ToString());
            }

            new Certifier(store.Store, keys, TimeSpan.Zero) { BatchSize = 1, Degree = degree }.Run();
            Assert.All(store.Store.Manifest.Requests.All(), r => Assert.Equal(RequestState.Certified, r.State));
            Assert.Equal(6, Directory.GetFiles(store.Store.Layout.Certificates).Length);
            Assert.Equal(6, store.Store.Log.Lines.Count(line => LogEntry.IsOf(line, LogEvent.Certified)));
            Assert.False(Certifier.IsDamaged(store.Store));
            store.CheckInvariants();
        }

        Assert.True(stopped > 3, $"It was stopped {stopped} times.");
    }

    [Fact]
    public void Slices_that_many_threads_rewrite_are_those_that_one_rewrites()
    {
        using var one = Requested();
        using var many = Requested();

        new Reconciler(one.Store, one.Trainer) { Degree = 1 }.BringUpToDate(TimeSpan.Zero);
        new Reconciler(many.Store, many.Trainer) { Degree = 4 }.BringUpToDate(TimeSpan.Zero);

        Assert.Equal(one.Store.Manifest.Slices.All(), many.Store.Manifest.Slices.All());
        Assert.Equal(State(one), State(many));
        many.CheckInvariants();
    }

    // Two requests for whole items of many slices, and one for a part of a text.
    private static TestStore Requested()
    {
        var store = new TestStore(SmallRecipes.Text(2, 2));
        store.Ingest(TestRow.Many(40));
        store.Train();
        store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00001", "item-00007", "item-00012"] });
        store.Receive(new ForgetRequest { Id = "r2", Items = ["item-00003", "item-00020", "item-00021", "item-00022"] });
        store.Receive(new ForgetRequest { Id = "r3", Spans = [new ItemSpan("item-00005", new TextSpan(0, 3))] });
        return store;
    }

    // Up to the commit point, without the purge.
    private static void Publish(TestStore store)
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<InterruptedException>(() => store.Train(new RecordingProgress { OnPublished = cancellation.Cancel }, cancellation.Token));
    }

    private static string State(TestStore store) => string.Join('\n',
    [
        .. store.Checkpoints().OrderBy(c => c.Key).Select(c => $"{c.Key} {Digest.Of(c.Value)}"),
        .. store.Store.Manifest.Slices.All().Select(s => $"{s}"),
        .. store.ItemIds(),
        .. store.Store.Manifest.Requests.All().Select(r => $"{r.Id} {r.State} {r.Summary.Items} {r.Summary.Spans} {r.Summary.Visits} {r.Summary.Purge?.Hits} {r.Summary.Purge?.PatternsSearched}"),
    ]);
}
