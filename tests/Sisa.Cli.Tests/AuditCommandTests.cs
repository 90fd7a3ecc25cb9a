using Sisa.TestKit;

namespace Sisa.Cli.Tests;

/// <summary>An owner hands out an audit bundle, an auditor repeats the training elsewhere, and anybody believes the auditor's signature.</summary>
public sealed class AuditCommandTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void A_stranger_trains_again_and_earns_the_word_for_a_certificate()
    {
        DocumentedCommands.Need("openssl");
        Forget();
        _sisa.Run("certificate", "export", "r-1", "handed over").Expect(ExitCode.Done);
        _sisa.Run("audit", "export", "bundle").Expect(ExitCode.Done);
        Directory.Delete(_sisa["shards"], recursive: true);
        Bash("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out auditor.pem && openssl pkey -in auditor.pem -pubout -out auditor.pub.pem");
        string[] certificate = ["verify", "handed over/r-1.dsse.json", "--public-key", "handed over/certificate.pub.pem"];

        var rerun = _sisa.Run([.. certificate, "--nonce", "copy.json", "--rerun", "--bundle", "bundle", "--attest", "attestation.json", "--signing-key", "auditor.pem", "--json"]).Expect(ExitCode.Done).Json;

        Assert.Equal("verified independently", (string)rerun["standing"]!);
        Assert.Equal((12, 12), ((int)rerun["compared"]!, (int)rerun["equal"]!));
        Assert.Equal((1, 0, 1), ((int)rerun["certificatesOfThisBundle"]!, (int)rerun["certificatesOfEarlierBundles"]!, (int)rerun["certificatesForAuditors"]!));
        Assert.True((bool)rerun["certificateValid"]!);
        Assert.False(Directory.Exists(_sisa["shards"]));
        Assert.Equal("procedure recorded", (string)_sisa.Run([.. certificate, "--json"]).Expect(ExitCode.Done).Json["standing"]!);
        Assert.Equal("verified independently", (string)_sisa.Run([.. certificate, "--attestation", "attestation.json", "--auditor-key", "auditor.pub.pem", "--json"]).Expect(ExitCode.Done).Json["standing"]!);
        Assert.Contains("not signed by this auditor's key", _sisa.Run([.. certificate, "--attestation", "attestation.json", "--auditor-key", "handed over/certificate.pub.pem"]).Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        _sisa.Run([.. certificate, "--attestation", "attestation.json"]).Expect(ExitCode.Usage);
    }

    [Fact]
    public void With_commitments_the_auditor_brings_the_source_files()
    {
        Forget();
        _sisa.Run("audit", "export", "bundle", "--items", "commitments").Expect(ExitCode.Done);

        Assert.Contains("--corpus", _sisa.Run("verify", "--rerun", "--workers", "1", "--bundle", "bundle").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        var rerun = _sisa.Run("verify", "--rerun", "--workers", "1", "--bundle", "bundle", "--corpus", "corpus.jsonl", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal((true, 8), ((bool)rerun["fromSource"]!, (int)rerun["leftOut"]!));
    }

    [Fact]
    public void A_certificate_of_an_earlier_bundle_is_not_taken_for_one_of_this()
    {
        Forget();
        File.Copy(_sisa["shards/certificates/r-1.dsse.json"], _sisa["earlier.json"]);
        _sisa.Run("forget", "--subject", "author-004", "--request-id", "r-2").Expect(ExitCode.Done);

        Assert.Contains("1 certificate issued again for the bundle that is served now", _sisa.Run("audit", "export", "bundle").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);

        var earlier = _sisa.Run("verify", "earlier.json", "--bundle", "bundle").Expect(ExitCode.No).Errors;
        Assert.Contains("Writing an audit bundle issues certificates again", earlier, StringComparison.Ordinal);
        Assert.Contains("earlier.json was checked and is not valid for this bundle", earlier, StringComparison.Ordinal);
        foreach (var request in new[] { "r-1", "r-2" })
        {
            Assert.Contains($"of request '{request}' was checked", _sisa.Run("verify", $"bundle/certificates/{request}.dsse.json", "--bundle", "bundle").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        }

        var unnamed = _sisa.Run("verify", "--bundle", "bundle").Expect(ExitCode.Done).Errors;
        Assert.Contains("2 certificates of this bundle and 0 of earlier ones, 2 of them in the auditor's form", unnamed, StringComparison.Ordinal);
        Assert.Contains("No certificate was named", unnamed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_was_kept_notices_a_store_that_was_put_back_with_its_log()
    {
        Forget();
        StoreFiles.CopyAsAfterCrash(_sisa["shards"], _sisa["backup"]);
        _sisa.Run("forget", "--subject", "author-004").Expect(ExitCode.Done);
        File.Copy(_sisa["shards/evidence/checkpoint"], _sisa["kept"]);
        _sisa.Run("verify", "--head", "kept").Expect(ExitCode.Done);
        _sisa.Run("audit", "export", "bundle").Expect(ExitCode.Done);
        _sisa.Run("verify", "--head", "kept", "--bundle", "bundle").Expect(ExitCode.Done);

        Directory.Delete(_sisa["shards"], recursive: true);
        Directory.Move(_sisa["backup"], _sisa["shards"]);

        Assert.Contains("was rolled back", _sisa.Run("verify", "--head", "kept").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        _sisa.Run("verify", "--head", "sisa.yaml").Expect(ExitCode.Data);
    }

    [Fact]
    public void Bundles_that_do_not_hold_are_refused()
    {
        Forget();
        _sisa.Run("audit", "export", "bundle").Expect(ExitCode.Done);
        _sisa.Run("audit", "export", "bundle").Expect(ExitCode.InputOutput);
        _sisa.Run("verify", "--bundle", "nowhere").Expect(ExitCode.Data);
        _sisa.Run("verify", "--bundle", "shards").Expect(ExitCode.Data);
        _sisa.Run("verify", "--bundle", "bundle", "--attest", "x", "--signing-key", "y").Expect(ExitCode.Usage);
        _sisa.Run("verify", "--rerun", "--attest", "x").Expect(ExitCode.Usage);
        _sisa.Run("verify", "--bundle", "bundle").Expect(ExitCode.Done);

        var log = _sisa["bundle/log.jsonl"];
        File.WriteAllLines(log, File.ReadAllLines(log)[1..]);
        Assert.Contains("evidence log", _sisa.Run("verify", "--rerun", "--workers", "1", "--bundle", "bundle").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
    }

    private void Forget()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        _sisa.Run("forget", "--subject", "author-003", "--request-id", "r-1", "--requester-copy", "copy.json").Expect(ExitCode.Done);
    }

    private void Bash(string script) => Assert.Equal(0, DocumentedCommands.Bash(_sisa.Folder, "-c", script).ExitCode);
}
