using System.Text;
using Sisa.Engine.Auditing;
using Sisa.Engine.Certifying;
using Sisa.Engine.Publishing;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Auditing;

/// <summary>An auditor repeats a training with what the owner hands out, and nothing else.</summary>
public sealed class AuditTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(24);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly TempFolder _elsewhere = new();
    private readonly FakeTrainer _auditor = new();

    public AuditTests()
    {
        _store.Ingest(Rows);
        _store.Train();
        _store.Receive(_store.Request("item-00003", "item-00007") with { Spans = [new ItemSpan("item-00005", new TextSpan(2, 9))] });
        _store.Train();
    }

    [Fact]
    public void From_the_items_of_the_bundle_every_checkpoint_comes_out_again()
    {
        var bundle = Export(AuditContent.Records);

        Assert.Empty(bundle.CheckItems(["item-00003", "item-00007"]));
        var report = Rerun(bundle);

        Assert.True(report.IsVerified);
        Assert.Equal(4, report.Comparisons.Count);
        Assert.False(report.FromSource);
    }

    [Fact]
    public void From_the_source_files_the_commitments_say_which_rows_count()
    {
        var bundle = Export(AuditContent.Commitments);
        Assert.Empty(bundle.CheckItems([]));
        Assert.Contains("commitments", Assert.Throws<EvidenceException>(() => Rerun(bundle)).Message, StringComparison.Ordinal);

        var report = Rerun(bundle, Rows);

        Assert.True(report.IsVerified, string.Join('\n', report.Faults));
        Assert.True(report.FromSource);
        Assert.Equal(2, report.LeftOut);
    }

    [Theory]
    [InlineData(AuditContent.Records)]
    [InlineData(AuditContent.Commitments)]
    public void Source_files_that_lack_an_item_or_have_it_altered_are_noticed(AuditContent content)
    {
        var bundle = Export(content);

        Assert.Contains("the source files give", Assert.Single(Rerun(bundle, Rows[1..]).Faults), StringComparison.Ordinal);
        Assert.NotEmpty(Rerun(bundle, [Rows[0] with { Text = "something else" }, .. Rows[1..]]).Faults);
    }

    [Fact]
    public void Nothing_of_what_was_forgotten_and_no_secret_is_in_a_bundle()
    {
        Export(AuditContent.Records);
        Export(AuditContent.Commitments);
        var tombstoneKey = File.ReadAllText(_store.Store.Layout.TombstoneKey).Trim();

        foreach (var file in Directory.EnumerateFiles(_elsewhere.Path, "*", SearchOption.AllDirectories))
        {
            var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(file));
            foreach (var secret in new[] { "item-00003", Rows[3].Text, "item-00007", tombstoneKey, "PRIVATE", _store.Path })
            {
                Assert.DoesNotContain(secret, bytes, StringComparison.Ordinal);
            }
        }

        Assert.DoesNotContain(Rows[1].Id, string.Concat(Directory.EnumerateFiles(_elsewhere["commitments"], "*", SearchOption.AllDirectories).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f)))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_that_was_to_be_forgotten_is_found_by_the_requesters_ids() =>
        Assert.Contains("should be forgotten", Assert.Single(Export(AuditContent.Records).CheckItems(["item-00004"])), StringComparison.Ordinal);

    [Fact]
    public void A_bundle_is_registered_and_recalled_when_something_in_it_is_forgotten()
    {
        Export(AuditContent.Records);
        Assert.False(Assert.Single(_store.Store.Manifest.Exports.All()).Recall);

        _store.Forget("item-00010");

        Assert.True(Assert.Single(_store.Store.Manifest.Exports.All()).Recall);
    }

    [Fact]
    public void What_is_not_trained_up_to_date_is_not_handed_out()
    {
        _store.Receive(_store.Request("item-00010"));

        Assert.Throws<NotFoundException>(() => Export(AuditContent.Records));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_elsewhere.Path));
    }

    [Fact]
    public void Another_environment_compares_nothing_and_claims_nothing()
    {
        _auditor.Fingerprint = _auditor.Fingerprint with { Cpu = "another" };

        var report = Rerun(Export(AuditContent.Records));

        Assert.False(report.IsVerified);
        Assert.Equal(4, report.NotComparable);
        Assert.Empty(report.Comparisons);
    }

    [Fact]
    public void A_digest_that_does_not_come_out_is_told()
    {
        Export(AuditContent.Records);
        var path = _elsewhere["records/audit.json"];
        var digest = _store.Store.Manifest.Checkpoints.All()[0].Digest.ToString();
        File.WriteAllText(path, File.ReadAllText(path).Replace(digest, Digest.Of("other"u8).ToString(), StringComparison.Ordinal));

        var report = Rerun(AuditBundle.Open(_elsewhere["records"]));

        Assert.False(report.IsVerified);
        Assert.Single(report.Comparisons, c => !c.IsEqual);
    }

    [Fact]
    public void A_named_certificate_must_be_about_this_bundle_and_a_kept_head_one_of_this_log()
    {
        KeyRing.Create(_store.Store, string.Empty).Dispose();
        new Certification(_store.Store, StoredKeys.InTheClear, TimeSpan.Zero).Run();
        var certificate = File.ReadAllBytes(StoreCertificates.PathOf(_store.Store, StoreCertificates.Requests(_store.Store)[0]));
        var head = new KeptHead("kept", File.ReadAllText(_store.Store.Layout.LogHead));
        var first = Export(AuditContent.Records);

        var verdict = AuditVerdict.Of(first, new AuditQuestion { Certificate = certificate, Head = head });
        Assert.Empty(verdict.Faults);
        Assert.True(verdict.NamedHolds);
        Assert.Equal((1, 0), (verdict.Certificates.Current, verdict.Certificates.Earlier));
        Assert.Null(AuditVerdict.Of(first, new AuditQuestion()).NamedHolds);

        var foreign = new RequesterCopy("another", [CommittedItem.Of(RequesterCopy.NewCode(), "item-00004", null)]);
        Assert.Contains(AuditVerdict.Of(first, new AuditQuestion { Copy = foreign }).Faults, fault => fault.Contains("should be forgotten", StringComparison.Ordinal));
        Assert.Contains(AuditVerdict.Of(first, new AuditQuestion { Copy = foreign, Certificate = certificate }).Faults, fault => fault.Contains("is about request 'another'", StringComparison.Ordinal));

        _store.Forget("item-00010");
        var second = Export(AuditContent.Commitments);
        var later = AuditVerdict.Of(second, new AuditQuestion { Certificate = certificate, Head = head });
        Assert.False(later.NamedHolds);
        Assert.Contains("of epoch", Assert.Single(later.Faults), StringComparison.Ordinal);

        using var other = new TestStore(SmallRecipes.Text(2, 2));
        other.Ingest(Rows);
        other.Train();
        AuditExport.Write(other.Store, _elsewhere["other"], AuditContent.Records, new HandoutGuide("program", "program check THIS_FOLDER"), TimeSpan.Zero);
        Assert.Contains(AuditVerdict.Of(AuditBundle.Open(_elsewhere["other"]), new AuditQuestion { Head = head }).Faults, fault => fault.Contains("is not signed by a key of this log", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sisa.yaml", "shards: 2", "shards: 3")]
    [InlineData("audit.json", "\"trainingCode\":", "\"trainingCode\":1")]
    [InlineData("audit.json", "sisa-audit-1", "sisa-audit-2")]
    [InlineData("audit.json", "\"shard\":1", "\"shard\":7")]
    [InlineData("audit.json", "\"itemCount\":", "\"itemCount\":-")]
    [InlineData("audit.json", "{", "[")]
    public void Parts_that_do_not_belong_together_are_refused(string file, string from, string to)
    {
        Export(AuditContent.Records);
        var path = _elsewhere[$"records/{file}"];
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));

        Assert.Throws<EvidenceException>(() => AuditBundle.Open(_elsewhere["records"]));
    }

    [Fact]
    public void Altered_items_and_leaves_are_found()
    {
        Export(AuditContent.Records);
        Export(AuditContent.Commitments);
        var slice = Directory.EnumerateFiles(_elsewhere["records/slices"], "*.slice", SearchOption.AllDirectories).First();
        var bytes = File.ReadAllBytes(slice);
        bytes[^40] ^= 1;
        File.WriteAllBytes(slice, bytes);
        var leaves = Directory.EnumerateFiles(_elsewhere["commitments/slices"], "*.leaves", SearchOption.AllDirectories).First();
        File.WriteAllText(leaves, File.ReadAllText(leaves)[65..]);

        Assert.NotEmpty(AuditBundle.Open(_elsewhere["records"]).CheckItems([]));
        Assert.NotEmpty(AuditBundle.Open(_elsewhere["commitments"]).CheckItems([]));
    }

    [Theory]
    [InlineData("sisa.yaml")]
    [InlineData("slices")]
    [InlineData("keys")]
    [InlineData("audit.json")]
    public void Links_lead_nowhere(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Export(AuditContent.Records);
        var path = _elsewhere[$"records/{name}"];
        var moved = _elsewhere["moved"];
        if (Directory.Exists(path))
        {
            Directory.Move(path, moved);
            Directory.CreateSymbolicLink(path, moved);
        }
        else
        {
            File.Move(path, moved);
            File.CreateSymbolicLink(path, moved);
        }

        var faults = new List<string>();
        if (Record.Exception(() => faults.AddRange(AuditBundle.Open(_elsewhere["records"]).CheckItems([]))) is { } refused)
        {
            faults.Add(refused.Message);
        }

        Assert.Contains("is a link", faults[0], StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _store.Dispose();
        _elsewhere.Dispose();
    }

    private AuditBundle Export(AuditContent content)
    {
        var folder = _elsewhere[KebabName.Of(content)];
        AuditExport.Write(_store.Store, folder, content, new HandoutGuide("program", "program check THIS_FOLDER"), TimeSpan.Zero);
        return AuditBundle.Open(folder);
    }

    private RerunReport Rerun(AuditBundle bundle, TestRow[]? rows = null)
    {
        using var scratch = new TempFolder();
        var source = rows is null ? RerunSource.Slices : new RerunSource { Files = [_store.Corpus(rows)] };
        return new AuditRerun(bundle, _auditor, _store.Clock).Run(source, scratch["rerun"]);
    }
}
