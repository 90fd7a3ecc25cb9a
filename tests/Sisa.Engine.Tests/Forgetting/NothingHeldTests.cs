using System.Text;
using Sisa.Engine.Certifying;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Recovering;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>A request for what the store does not hold is recorded, certified and shown, and keeps nobody out.</summary>
public sealed class NothingHeldTests : IDisposable
{
    private const string Item = "item-00003";

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));

    public NothingHeldTests()
    {
        _store.Ingest(TestRow.Many(30));
        _store.Train();
        KeyRing.Create(_store.Store, string.Empty).Dispose();
    }

    [Fact]
    public void It_is_certified_with_what_was_searched_and_names_that_the_requester_alone_can_show()
    {
        var outcome = Run(new ForgetRequest { Id = "r1", Items = ["the-wanted-item"], Subjects = ["the-wanted-person"] }).Outcomes.Outcomes[0];

        var verdict = Verify("r1");
        var statement = verdict.Statement!.Predicate;
        var corpus = Digest.Of(Encoding.UTF8.GetBytes(string.Concat(_store.Store.Manifest.Slices.All().Select(s => $"{s.Place} {s.Root.Root} {s.Root.ItemCount}\n"))));
        Assert.Empty(verdict.Faults);
        Assert.Equal(CertificateVerdict.NothingHeld, verdict.Standing);
        Assert.Equal(new CertifiedSearch(2, 30, 4, corpus), statement.NothingHeld);
        Assert.Equal(FixedWords.NothingHeldClaims, statement.Claims);
        Assert.Equal(0, statement.Items.Count);
        Assert.Equal(outcome.Copy!.Commitments(), statement.Items.Commitments);
        Assert.Equal(["the-wanted-item", "the-wanted-person"], outcome.Copy.Items.Select(i => i.Item));
        Assert.Equal(RequestState.NothingHeld, State("r1"));
        _store.CheckInvariants();
        foreach (var file in StoreFiles.All(_store.Path).Select(f => Path.Combine(_store.Path, f)))
        {
            Assert.True(StoreFiles.Read(file).AsSpan().IndexOf("the-wanted"u8) < 0, file);
        }
    }

    [Fact]
    public void What_an_earlier_request_names_is_certified_as_gone_only_after_its_purge()
    {
        _store.Receive(new ForgetRequest { Id = "r1", Items = [Item] });
        var second = _store.Receive(new ForgetRequest { Id = "r2", Items = [Item] });

        Assert.Equal([Item], second.AlreadyForgotten);
        Assert.Equal(RequestState.NothingHeld, State("r2"));
        Assert.Empty(Life.Certify().Requests);
        Assert.False(File.Exists(_store.Store.Layout.Certificate("r2")));
        _store.Train();
        Assert.Equal(["r1", "r2"], Life.Certify().Requests);
        Assert.Null(Verify("r2").Statement!.Predicate.NothingHeld!.Corpus);
        Assert.Equal(29, Verify("r2").Statement!.Predicate.NothingHeld!.Items);
        _store.CheckInvariants();
    }

    [Fact]
    public void Unknown_requests_of_a_list_are_recorded_beside_the_others()
    {
        var report = Life.Run([new ForgetRequest { Id = "known", Items = [Item] }, new ForgetRequest { Id = "unknown", Subjects = ["no-one"] }]);

        Assert.Equal(["known"], report.Pending.Select(r => r.Id));
        Assert.Equal(["known", "unknown"], report.Certified.Requests);
        Assert.Equal((RequestState.Certified, RequestState.NothingHeld), (State("known"), State("unknown")));

        // The slices that were searched held what the other one asks to forget: their digest would outlive it.
        var searched = Verify("unknown").Statement!.Predicate.NothingHeld!;
        Assert.Equal((29, null), (searched.Items, searched.Corpus));
    }

    [Fact]
    public void It_keeps_nobody_out_and_its_name_is_not_that_of_a_later_request()
    {
        var request = new ForgetRequest { Id = "r1", Items = ["item-00030"] };
        Run(request);

        Assert.Equal(1, _store.Ingest([TestRow.One(30, "author-000")]).Items);
        _store.Train();

        var fault = Assert.Throws<RequestConflictException>(() => _store.Receive(request));
        Assert.Contains("came in since", fault.Message, StringComparison.Ordinal);
        Assert.Single(_store.Receive(request with { Id = "r2" }).Targets);
    }

    [Fact]
    public void Repeated_it_is_one_request_with_one_certificate()
    {
        var request = new ForgetRequest { Id = "r1", Items = ["nobody"] };
        Run(request);
        var (entries, bytes) = (_store.Store.Log.Lines.Count, File.ReadAllBytes(_store.Store.Layout.Certificate("r1")));

        var again = Run(request);

        Assert.True(again.Outcomes.Outcomes[0].IsRepeated);
        Assert.Null(again.Outcomes.Outcomes[0].Copy);
        Assert.Equal(entries, _store.Store.Log.Lines.Count);
        Assert.Equal(bytes, File.ReadAllBytes(_store.Store.Layout.Certificate("r1")));
    }

    [Fact]
    public void A_call_without_a_name_that_is_repeated_goes_on_with_the_request_that_it_recorded()
    {
        _store.Receive(new ForgetRequest { Items = [Item] });

        var again = Run(new ForgetRequest { Items = [Item] });

        Assert.Null(again.Outcomes.Outcomes[0].Recorded);
        Assert.Equal(["request-0001"], again.Certified.Requests);
        Assert.Single(_store.Store.Manifest.Requests.All());
    }

    [Fact]
    public void A_replay_of_the_log_restores_it_and_it_is_certified_again()
    {
        var copy = _store.Beside("backup");
        StoreFiles.CopyAsAfterCrash(_store.Path, copy);
        Run(new ForgetRequest { Id = "r1", Items = ["nobody"], Reason = ForgetReason.Copyright });
        var recorded = _store.Store.Manifest.Requests.Find("r1")!;
        GoBack(copy);

        var report = LogReplay.Run(_store.Path, _store.Clock);

        _store.Reopen();
        Assert.Equal((1, 0), (report.Requests, report.Targets));
        var restored = _store.Store.Manifest.Requests.Find("r1")!;
        Assert.Equal((recorded.State, recorded.Content, recorded.Reason, recorded.Completed), (restored.State, restored.Content, restored.Reason, restored.Completed));
        Assert.Equal((30L, 1, null), (restored.Summary.Searched!.Items, restored.Summary.Searched.Named, restored.Summary.Searched.Corpus));
        Assert.Equal(["r1"], Life.Certify().Requests);
        Assert.Equal(CertificateVerdict.NothingHeld, Verify("r1").Standing);
        _store.CheckInvariants();
    }

    public void Dispose() => _store.Dispose();

    private RequestLife Life => new(_store.Store) { Trainer = () => _store.Trainer, Keys = StoredKeys.InTheClear };

    private LifeReport Run(ForgetRequest request) => Life.Run([request]);

    private RequestState State(string request) => _store.Store.Manifest.Requests.Find(request)!.State;

    private CertificateVerdict Verify(string request)
    {
        using var key = EvidenceKey.ReadPublic(File.ReadAllText(_store.Store.Layout.PublicKey(KeyRing.CertificateName)), "key");
        return Certificate.Verify(File.ReadAllBytes(_store.Store.Layout.Certificate(request)), key);
    }

    // An old manifest beside the newer log.
    private void GoBack(string copy)
    {
        _store.Store.Dispose();
        foreach (var file in Directory.EnumerateFiles(_store.Path, "manifest.db*"))
        {
            File.Delete(file);
        }

        foreach (var file in Directory.EnumerateFiles(copy, "manifest.db*"))
        {
            File.Copy(file, Path.Combine(_store.Path, Path.GetFileName(file)));
        }
    }
}
