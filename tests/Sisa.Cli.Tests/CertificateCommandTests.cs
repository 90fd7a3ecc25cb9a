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
        Assert.Contains("<code>sisa verify FILE --public-key KEY</code>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.Contains("Not claimed", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("docs/", page, StringComparison.Ordinal);
        Assert.Contains("@page { size: A4", page, StringComparison.Ordinal);
        var summary = page.IndexOf("The issuer declares that 8 items of request r-1 were removed", StringComparison.Ordinal);
        Assert.InRange(summary, 1, page.IndexOf("<h2>", StringComparison.Ordinal));
        Assert.Contains($"<td>Key (SHA-256)</td><td>{Sisa.Evidence.Certificate.Read(File.ReadAllBytes(_sisa["handed over/r-1.dsse.json"])).Signatures[0].KeyId}</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_that_came_back_is_told_when_its_certificate_is_checked_against_the_store_or_a_later_log()
    {
        Forget();
        File.Copy(_sisa["shards/evidence/log.jsonl"], _sisa["earlier.jsonl"]);
        Assert.Empty(_sisa.Run("verify", "shards/certificates/r-1.dsse.json", "--json").Expect(ExitCode.Done).Json["readmitted"]!.AsArray());
        var row = TestRow.Many(240, 30)[3];
        _sisa.Write("back.jsonl", row.ToJson() + "\n");
        _sisa.Write("readmit.csv", $"item\n{row.Id}\n");
        _sisa.Run("ingest", "back.jsonl", "--readmit", "readmit.csv").Expect(ExitCode.Done);

        var checkedHere = _sisa.Run("verify", "shards/certificates/r-1.dsse.json", "--json").Expect(ExitCode.Done);
        Assert.Equal(1, checkedHere.Json["readmitted"]!.AsArray().Single()!["items"]!.GetValue<int>());
        Assert.Contains("1 item of this request came back into the store on ", checkedHere.Errors, StringComparison.Ordinal);
        var key = new[] { "verify", "shards/certificates/r-1.dsse.json", "--public-key", "shards/keys/certificate.pub.pem" };
        Assert.Null(_sisa.Run([.. key, "--json"]).Expect(ExitCode.Done).Json["readmitted"]);
        Assert.Contains("came back", _sisa.Run([.. key, "--log", "shards/evidence/log.jsonl"]).Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        Assert.Contains("does not begin with", _sisa.Run([.. key, "--log", "readmit.csv"]).Expect(ExitCode.No).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_finds_nothing_is_answered_with_one_and_shown_with_its_certificate()
    {
        _sisa.WriteCorpus();
        _sisa.Run("init", "--recipe", "sisa.yaml", "--set", "issuer.organisation=Example Ltd", "--set", "issuer.model=mail sorter").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        var answer = _sisa.Run("forget", "--item", "nobody-at-all", "--request-id", "n-1", "--requester-copy", "copy.json", "--received", "2020-01-01", "--json").Expect(ExitCode.No);

        Assert.Equal("nothing-held", answer.Json["request"]!["state"]!.GetValue<string>());
        Assert.Contains("It keeps no item out", answer.Errors, StringComparison.Ordinal);
        var shown = _sisa.Run("requests", "show", "n-1", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal(_sisa["shards/certificates/n-1.dsse.json"], shown["certificate"]!.GetValue<string>());
        Assert.Equal("2020-01-31T00:00:00+00:00", shown["request"]!["due"]!.GetValue<string>());
        Assert.Equal("nothing held", _sisa.Run("verify", "shards/certificates/n-1.dsse.json", "--nonce", "copy.json", "--json").Expect(ExitCode.Done).Json["standing"]!.GetValue<string>());
        _sisa.Run("certificate", "export", "n-1", "out").Expect(ExitCode.Done);
        Assert.Contains("Example Ltd declares that nothing was found under 1 name of request n-1 among 240 items of the data that the model &#39;mail sorter&#39; is trained on.", File.ReadAllText(_sisa["out/n-1.html"]), StringComparison.Ordinal);
        Assert.Empty(_sisa.Run("status", "--json").Json["requests"]!.AsArray());
        Assert.Equal(1, _sisa.Run("requests", "list", "--state", "nothing-held", "--json").Json["total"]!.GetValue<int>());
        Assert.Equal(1, _sisa.Run("requests", "list", "--overdue", "--json").Json["total"]!.GetValue<int>());
        Assert.Contains("its due date is met", _sisa.Run("requests", "extend", "n-1", "--due", "2020-03-01", "--reason", "complexity").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        _sisa.Run("requests", "extend", "n-1", "--reason", "complexity").Expect(ExitCode.Usage);
        _sisa.Run("requests", "show", "n-2").Expect(ExitCode.No);
        Assert.Contains("in the future", _sisa.Run("forget", "--item", "somebody", "--received", "2999-01-01").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
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
        Assert.Contains("1 certificate issued again", _sisa.Run("verify", "--rerun", "--workers", "1").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);

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
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
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
            Assert.Contains("was rolled back", refused.Errors, StringComparison.Ordinal);
            Assert.Contains("sisa recover --replay", refused.Errors, StringComparison.Ordinal);
        }

        _sisa.Run("recover", "--replay").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
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

    private string State() => _sisa.Run("requests", "list", "--json").Json["requests"]![0]!["state"]!.GetValue<string>();

    private (int ExitCode, string Output) Bash(params string[] arguments)
    {
        var result = DocumentedCommands.Bash(_sisa.Folder, arguments);
        return (result.ExitCode, result.Output.Trim());
    }
}
