using Sisa.Engine.Certifying;
using Sisa.Engine.Ingesting;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Certifying;

/// <summary>A later log tells that what a certificate is about came back; the certificate names its issuer.</summary>
public sealed class ReadmissionTests : IDisposable
{
    private static readonly IssuerOptions Issuer = new() { Organisation = "Example Ltd", Contact = "privacy@example.org", Model = "mail sorter" };

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2) with { Issuer = Issuer });

    public ReadmissionTests()
    {
        _store.Ingest(TestRow.Many(30));
        _store.Train();
        KeyRing.Create(_store.Store, string.Empty).Dispose();
    }

    [Fact]
    public void Items_and_subjects_that_come_back_after_the_certificate_are_told_by_a_later_log()
    {
        Certify(new ForgetRequest { Id = "r1", Items = ["item-00003"], Subjects = ["author-004"] });
        Certify(new ForgetRequest { Id = "r2", Items = ["item-00005"] });
        Assert.Empty(Readmission.Of(_store.Store.Log.Lines, "r1"));

        _store.Clock.Advance(TimeSpan.FromDays(3));
        _store.Ingest([TestRow.One(3, "author-003")], new IngestOptions { Readmit = new TargetList(["item-00003"], [], []) });
        _store.Clock.Advance(TimeSpan.FromDays(3));
        _store.Ingest([TestRow.One(4, "author-004"), TestRow.One(9, "author-004")], new IngestOptions { Readmit = new TargetList([], ["author-004"], []) });

        var now = _store.Store.Now;
        Assert.Equal([new Readmission(now.AddDays(-3), 1, 0, 0), new Readmission(now, 2, 1, 0)], Readmission.Of(_store.Store.Log.Lines, "r1"));
        Assert.Empty(Readmission.Of(_store.Store.Log.Lines, "r2"));
    }

    [Fact]
    public void What_another_request_forgot_again_is_its_own_and_no_readmission_of_the_first()
    {
        Certify(new ForgetRequest { Id = "r1", Items = ["item-00003"] });
        _store.Ingest([TestRow.One(3, "author-003")], new IngestOptions { Readmit = new TargetList(["item-00003"], [], []) });
        _store.Train();
        Certify(new ForgetRequest { Id = "r2", Items = ["item-00003"] });

        Assert.Single(Readmission.Of(_store.Store.Log.Lines, "r1"));
        Assert.Empty(Readmission.Of(_store.Store.Log.Lines, "r2"));
    }

    [Fact]
    public void A_certificate_names_its_issuer_and_no_weight_depends_on_it()
    {
        Certify(new ForgetRequest { Id = "r1", Items = ["item-00003"] });

        var statement = ErasureStatement.Read(Certificate.Read(File.ReadAllBytes(_store.Store.Layout.Certificate("r1"))).Payload);
        Assert.Equal(new CertifiedIssuer("Example Ltd", "privacy@example.org", "mail sorter"), statement.Predicate.Issuer);
        Assert.Equal(RecipeJson.RecipeDigest(_store.Store.Recipe with { Issuer = null }, _store.Store.Key.Commitment), _store.Store.RecipeDigest);
    }

    [Fact]
    public void A_recipe_that_names_no_issuer_is_stored_and_certified_as_before()
    {
        var recipe = _store.Store.Recipe with { Issuer = null };

        Assert.DoesNotContain("issuer", RecipeJson.Write(recipe), StringComparison.Ordinal);
        Assert.Equal(recipe.Issuer, RecipeJson.Read(RecipeJson.Write(recipe)).Issuer);
        Assert.Equal(Issuer, RecipeJson.Read(RecipeJson.Write(_store.Store.Recipe)).Issuer);
    }

    public void Dispose() => _store.Dispose();

    private void Certify(ForgetRequest request)
    {
        _store.Receive(request);
        _store.Train();
        new Certification(_store.Store, StoredKeys.InTheClear, TimeSpan.Zero).Run();
    }
}
