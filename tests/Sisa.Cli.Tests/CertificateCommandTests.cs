using System.Text;
using Sisa.TestKit;

namespace Sisa.Cli.Tests;

/// <summary>Certificates as controllers, requesters and strangers use them.</summary>
public sealed class CertificateCommandTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void Forgetting_ends_in_a_certificate_that_a_stranger_checks_with_the_public_key_alone()
    {
        Forget();
        _sisa.Run("certificate", "export", "r-1", "handed over").Expect(ExitCode.Done);
        Directory.Delete(_sisa["shards"], recursive: true);

        var verified = _sisa.Run("verify", "handed over/r-1.dsse.json", "--public-key", "handed over/certificate.pub.pem", "--nonce", "copy.json", "--json").Expect(ExitCode.Done).Json;

        Assert.Equal("procedure recorded", verified["standing"]!.GetValue<string>());
        Assert.True(verified["itemsChecked"]!.GetValue<bool>());
        var page = File.ReadAllText(_sisa["handed over/r-1.html"]);
        Assert.Contains("What is not claimed", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_does_not_hold_is_answered_with_one_and_one_that_is_none_with_65()
    {
        Forget();
        var path = _sisa["shards/certificates/r-1.dsse.json"];
        var text = File.ReadAllText(path);
        _sisa.Write("altered.json", text.Replace("\"index\":7", "\"index\":6", StringComparison.Ordinal));
        _sisa.Write("none.json", "{}");
        _sisa.Run("init", "--store", "other", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Write("foreign.json", """{"request":"r-1","items":[{"item":"item-00001","nonce":"AAAA"}]}""");

        Assert.Contains("does not hold the entry", _sisa.Run("verify", "altered.json").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        _sisa.Run("verify", path, "--public-key", "other/keys/certificate.pub.pem").Expect(ExitCode.No);
        _sisa.Run("verify", path, "--nonce", "foreign.json").Expect(ExitCode.No);
        _sisa.Run("verify", "none.json").Expect(ExitCode.Data);
        _sisa.Run("verify", "shards").Expect(ExitCode.Data);
        _sisa.Run("verify", path, "--public-key", "sisa.yaml").Expect(ExitCode.Data);
        _sisa.Run("verify", path, "--store", "nowhere").Expect(ExitCode.Usage);
        _sisa.Run("certificate", "show", "nobody").Expect(ExitCode.No);
        _sisa.Run("verify", path).Expect(ExitCode.Done);
    }

    [Fact]
    public void The_script_of_the_documentation_checks_a_certificate_with_openssl()
    {
        DocumentedCommands.Need("bash", "openssl", "sed", "base64");
        Forget();
        _sisa.Write("verify.sh", DocumentedCommands.Block("docs/certificate-format.md", "## Checking it with openssl", "bash"));
        var path = _sisa["shards/certificates/r-1.dsse.json"];
        const string Key = "shards/keys/certificate.pub.pem";

        Assert.Equal((0, "valid"), Bash("verify.sh", path, Key));
        var text = File.ReadAllText(path);
        _sisa.Write("index.json", text.Replace("\"index\":7", "\"index\":5", StringComparison.Ordinal));
        _sisa.Write("entry.json", text.Replace("{\\\"event\\\":\\\"certified\\\"", "{\\\"event\\\":\\\"purged\\\"", StringComparison.Ordinal));
        var payload = text.IndexOf("\"payload\":\"", StringComparison.Ordinal) + 60;
        _sisa.Write("payload.json", text[..payload] + (text[payload] == 'A' ? 'B' : 'A') + text[(payload + 1)..]);
        Assert.Equal((1, "not valid: the log does not hold the entry"), Bash("verify.sh", "index.json", Key));
        Assert.Equal((1, "not valid: the log does not hold the entry"), Bash("verify.sh", "entry.json", Key));
        Assert.Equal((1, "not valid: the statement is not signed by this key"), Bash("verify.sh", "payload.json", Key));
        Assert.Equal(1, Bash("verify.sh", path, "shards/keys/log.pub.pem").ExitCode);
    }

    [Fact]
    public void A_rerun_earns_the_word_and_the_certificate_is_issued_again()
    {
        Forget();
        Assert.Contains("1 certificate issued again", _sisa.Run("verify", "--rerun").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);

        var shown = _sisa.Run("certificate", "show", "r-1").Expect(ExitCode.Done).Output;
        Assert.Contains("request r-1: verified on this machine", shown, StringComparison.Ordinal);
        Assert.Contains("12 of 12 checkpoints equal, byte for byte", shown, StringComparison.Ordinal);
        Assert.Equal("verified on this machine", _sisa.Run("certificate", "list", "--json").Json[0]!["standing"]!.GetValue<string>());
    }

    [Fact]
    public void Encrypted_keys_need_their_passphrase_and_without_it_nothing_is_lost()
    {
        _sisa.WriteCorpus();
        _sisa.Write("passphrase", "correct horse\n");
        _sisa.Run("init", "--recipe", "sisa.yaml", "--passphrase-file", "passphrase").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train").Expect(ExitCode.Done);
        var item = TestRow.Many(240, 30)[7].Id;

        var refused = _sisa.Run("forget", "--item", item).Expect(ExitCode.Data);
        Assert.Contains("--passphrase-file", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("purged", State());

        _sisa.Write("wrong", "battery\n");
        Assert.Contains("cannot be opened with this passphrase", _sisa.Run("recover", "--passphrase-file", "wrong").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        _sisa.Run("forget", "--item", item, "--passphrase-file", "passphrase").Expect(ExitCode.Done);
        Assert.Equal("certified", State());
        var keys = _sisa.Run("keys", "show").Expect(ExitCode.Done);
        Assert.DoesNotContain("PRIVATE", keys.Output + keys.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", string.Concat(StoreFiles.All(_sisa["shards"]).Select(f => Encoding.Latin1.GetString(StoreFiles.Read(Path.Combine(_sisa["shards"], f))))), StringComparison.Ordinal);
        Assert.Contains("would not be", _sisa.Run("keys", "rotate", "log").Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
        _sisa.Run("keys", "rotate", "certificate", "--passphrase-file", "passphrase").Expect(ExitCode.Done);

        // The old public key is kept, so that its certificates stay valid here too.
        _sisa.Run("certificate", "export", "request-0001", "out").Expect(ExitCode.Done);
        _sisa.Run("verify", "shards/certificates/request-0001.dsse.json").Expect(ExitCode.Done);
    }

    [Fact]
    public void An_old_backup_serves_nothing_until_the_log_is_replayed()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        StoreFiles.CopyAsAfterCrash(_sisa["shards"], _sisa["backup"]);
        var item = TestRow.Many(240, 30)[7].Id;
        _sisa.Run("forget", "--item", item).Expect(ExitCode.Done);
        var expected = _sisa.Checkpoints();
        var log = File.ReadAllBytes(_sisa["shards/evidence/log.jsonl"]);
        Directory.Delete(_sisa["shards"], recursive: true);
        Directory.Move(_sisa["backup"], _sisa["shards"]);
        File.WriteAllBytes(_sisa["shards/evidence/log.jsonl"], log);

        foreach (var command in new[] { "predict", "train", "status" })
        {
            var refused = _sisa.Run(command).Expect(ExitCode.Data);
            Assert.Contains("went backwards", refused.Errors, StringComparison.Ordinal);
            Assert.Contains("sisa recover --replay", refused.Errors, StringComparison.Ordinal);
        }

        _sisa.Run("recover", "--replay").Expect(ExitCode.Done);
        _sisa.Run("train").Expect(ExitCode.Done);
        Assert.Equal(expected, _sisa.Checkpoints());
        _sisa.Write("gone.jsonl", TestRow.Many(240, 30)[7].ToJson() + "\n");
        Assert.Contains("was forgotten", _sisa.Run("ingest", "gone.jsonl").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    private void Forget()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        var forgotten = _sisa.Run("forget", "--subject", "author-003", "--request-id", "r-1", "--requester-copy", "copy.json", "--json").Expect(ExitCode.Done);
        Assert.Equal("certified", forgotten.Json["request"]!["state"]!.GetValue<string>());
        Assert.Contains("Certified: ", forgotten.Errors, StringComparison.Ordinal);
    }

    private string State() => _sisa.Run("status", "--json").Json["requests"]![0]!["state"]!.GetValue<string>();

    private (int ExitCode, string Output) Bash(params string[] arguments)
    {
        var result = DocumentedCommands.Bash(_sisa.Folder, arguments);
        return (result.ExitCode, result.Output.Trim());
    }
}
