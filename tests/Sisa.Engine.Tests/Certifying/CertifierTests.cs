using System.Text;
using Sisa.Engine.Certifying;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Certifying;

public sealed class CertifierTests : IDisposable
{
    private const string Item = "item-00003";

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly KeyRing _keys;

    public CertifierTests()
    {
        _store.Ingest(TestRow.Many(30));
        _store.Train();
        _keys = KeyRing.Create(_store.Store, string.Empty);
    }

    [Fact]
    public void A_purged_request_is_certified_and_the_certificate_is_valid()
    {
        var outcome = _store.Receive(new ForgetRequest { Id = "r1", Items = [Item], Subjects = ["author-004"] });
        _store.Train();

        Assert.Equal(["r1"], new Certifier(_store.Store, _keys, TimeSpan.Zero).Run());

        var verdict = Verify("r1");
        Assert.Empty(verdict.Faults);
        Assert.Equal(RequestState.Certified, _store.Store.Manifest.Requests.Find("r1")!.State);
        Assert.Equal(outcome.Copy!.Commitments(), verdict.Statement!.Predicate.Items.Commitments);
        Assert.Equal(outcome.Targets.Count, verdict.Statement.Predicate.Items.Count);
        Assert.Equal(_store.Store.Manifest.Bundle.Served().Values.Order(), verdict.Statement.Subject.Skip(1).Select(s => s.Digest.Sha256));
        Assert.Null(verdict.Statement.Predicate.Auditor);
        Assert.False(Certifier.IsNeeded(_store.Store));
        _store.CheckInvariants();
    }

    [Fact]
    public void The_public_form_names_no_shard_and_the_auditors_names_all()
    {
        Certify("r1");

        var open = Encoding.UTF8.GetString(Read("r1").Payload);
        Assert.DoesNotContain("\"shard\"", open, StringComparison.Ordinal);
        Assert.DoesNotContain(Item, open, StringComparison.Ordinal);
        var audit = Verify("r1", "auditor").Statement!.Predicate.Auditor!;
        Assert.Equal(_store.Store.Histories().Select(h => h.Shard.Value), audit.Shards.Select(s => s.Shard));
        Assert.Equal(
            _store.Store.Manifest.Checkpoints.All().Select(c => c.Digest).Order(),
            audit.Shards.SelectMany(s => s.Checkpoints).Select(c => c.Digest).Order());
    }

    [Fact]
    public void Nothing_that_the_store_keeps_names_the_items_or_opens_a_commitment()
    {
        var outcome = _store.Receive(new ForgetRequest { Id = "r1", Items = [Item] });
        _store.Train();
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();

        var nonce = Assert.Single(outcome.Copy!.Items).Nonce;
        foreach (var file in StoreFiles.All(_store.Path).Select(f => Path.Combine(_store.Path, f)))
        {
            var bytes = StoreFiles.Read(file);
            Assert.True(bytes.AsSpan().IndexOf(nonce) < 0 && bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Item)) < 0, file);
            Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Convert.ToHexStringLower(nonce))) < 0, file);
        }
    }

    [Fact]
    public void A_certificate_whose_file_is_lost_is_written_again()
    {
        Certify("r1");
        var path = _store.Store.Layout.Certificate("r1");
        File.Delete(path);

        Assert.True(Certifier.IsNeeded(_store.Store));
        Assert.Empty(new Certifier(_store.Store, _keys, TimeSpan.Zero).Run());
        Assert.True(Verify("r1").IsValid);
    }

    [Fact]
    public void A_certificate_whose_file_is_damaged_is_written_again()
    {
        Certify("r1");
        var path = _store.Store.Layout.Certificate("r1");
        var whole = Read("r1");
        var bytes = File.ReadAllBytes(path);
        bytes[^40] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.True(Certifier.IsDamaged(_store.Store));
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();
        Assert.False(Certifier.IsDamaged(_store.Store));
        Assert.True(Verify("r1").IsValid);
        Assert.Equal(whole.Payload, Read("r1").Payload);
    }

    [Theory]
    [InlineData(KeyRing.LogName)]
    [InlineData(KeyRing.CertificateName)]
    public void Keys_of_another_store_sign_nothing(string name)
    {
        Certify("r1");
        using var other = new TestStore(SmallRecipes.Text(2, 2));
        KeyRing.Create(other.Store, string.Empty).Dispose();
        File.Copy(other.Store.Layout.PrivateKey(name), _store.Store.Layout.PrivateKey(name), overwrite: true);
        File.Copy(other.Store.Layout.PublicKey(name), _store.Store.Layout.PublicKey(name), overwrite: true);
        using var exchanged = KeyRing.Open(_store.Store.Layout, () => string.Empty);
        _store.Receive(new ForgetRequest { Id = "r2", Items = ["item-00005"] });
        _store.Train();

        var fault = Assert.Throws<EvidenceException>(() => new Certifier(_store.Store, exchanged, TimeSpan.Zero).Run());

        Assert.Contains("does not belong to this store", fault.Message, StringComparison.Ordinal);
        Assert.Contains(new StoreCheck(_store.Store).Run(TimeSpan.Zero), found => found.Contains("does not belong to this store", StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_that_were_lost_are_drawn_anew_and_the_log_says_so()
    {
        Certify("r1");
        foreach (var name in new[] { KeyRing.LogName, KeyRing.CertificateName })
        {
            File.Delete(_store.Store.Layout.PrivateKey(name));
            File.Delete(_store.Store.Layout.PublicKey(name));
        }

        using var keys = KeyRing.Create(_store.Store, string.Empty);
        _store.Receive(new ForgetRequest { Id = "r2", Items = ["item-00005"] });
        _store.Train();

        Assert.Equal(["r2"], new Certifier(_store.Store, keys, TimeSpan.Zero).Run());
        Assert.Equal(2, _store.Store.Log.Lines.Select(LogEntry.Read).Count(entry => entry.Event == LogEvent.KeyRotated));
    }

    [Fact]
    public void A_store_from_before_keys_were_recorded_takes_those_that_it_finds()
    {
        StoreFiles.Execute(_store.Path, "DELETE FROM setting WHERE name LIKE '%Keys'");

        Certify("r1");

        Assert.True(Verify("r1").IsValid);
        Assert.Empty(new StoreCheck(_store.Store).Run(TimeSpan.Zero));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData(null)]
    public void A_head_that_is_damaged_or_gone_is_signed_anew(string? content)
    {
        Certify("r1");
        var path = _store.Store.Layout.LogHead;
        File.Delete(path);
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }

        Assert.True(Certifier.IsDamaged(_store.Store));
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();
        Assert.False(Certifier.IsDamaged(_store.Store));
        Assert.Empty(new StoreCheck(_store.Store).Run(TimeSpan.Zero));
    }

    [Fact]
    public void A_signed_head_that_the_log_contradicts_is_never_replaced()
    {
        Certify("r1");
        var path = _store.Store.Layout.LogHead;
        var lines = _store.Store.Log.Lines;
        var other = new LogCheckpoint(_store.Store.Log.Origin, lines.Count, MerkleTree.Root([.. lines.Select(line => MerkleTree.LeafOf(Encoding.UTF8.GetBytes(line + " ")))])).Sign(_keys.Log).ToString();
        File.WriteAllText(path, other);

        Assert.Contains("The log does not begin with", Assert.Throws<StoreException>(() => Certify("r2", "item-00005")).Message, StringComparison.Ordinal);
        Assert.Equal(other, File.ReadAllText(path));
        Assert.Contains(new StoreCheck(_store.Store).Run(TimeSpan.Zero), fault => fault.Contains("does not belong to this log", StringComparison.Ordinal));
    }

    [Fact]
    public void A_statement_that_the_log_does_not_hold_is_named()
    {
        Certify("r1");
        File.Delete(_store.Store.Layout.Certificate("r1"));
        StoreFiles.Execute(_store.Path, "UPDATE certificate SET envelope = replace(envelope, 'payload', 'paylo_d') WHERE form = 'public'");

        Assert.Contains("'r1'", Assert.Throws<StoreException>(() => new Certifier(_store.Store, _keys, TimeSpan.Zero).Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_were_exchanged_sign_nothing()
    {
        var layout = _store.Store.Layout;
        var (log, certificate) = (File.ReadAllBytes(layout.PrivateKey(KeyRing.LogName)), File.ReadAllBytes(layout.PrivateKey(KeyRing.CertificateName)));
        File.WriteAllBytes(layout.PrivateKey(KeyRing.LogName), certificate);
        File.WriteAllBytes(layout.PrivateKey(KeyRing.CertificateName), log);

        Assert.Throws<EvidenceException>(() => KeyRing.Open(layout, () => string.Empty));
        Assert.Equal(2, KeyRing.Faults(layout).Count);
    }

    [Fact]
    public void A_request_that_is_received_while_another_is_certified_spoils_no_proof()
    {
        // Receipt needs no lock, so that the log may grow between any two looks at it.
        _store.Receive(new ForgetRequest { Id = "r1", Items = [Item] });
        _store.Train();
        using var other = _store.OpenAgain();
        var received = 0;
        var isReceiving = false;
        _store.Store.OnStatement(sql =>
        {
            if (!isReceiving && received < 15 && sql.StartsWith("SELECT", StringComparison.Ordinal) && sql.Contains("FROM log_entry", StringComparison.Ordinal))
            {
                isReceiving = true;
                received++;
                TestStore.Receive(other, new ForgetRequest { Id = $"late-{received}", Items = [$"item-{10 + received:00000}"] });
                isReceiving = false;
            }
        });

        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();

        Assert.True(received > 1);
        Assert.Empty(Verify("r1").Faults);
        Assert.Empty(Verify("r1", "auditor").Faults);
    }

    [Fact]
    public void A_rerun_is_certified_once()
    {
        Certify("r1");
        Certify("r2", "item-00004");
        var rerun = new CertifiedRerun(RerunKind.SameMachine, false, 4, 4);

        Assert.Equal(["r1", "r2"], new Certifier(_store.Store, _keys, TimeSpan.Zero).Run(rerun));
        Assert.Equal("verified on this machine", Verify("r1").Standing);
        Assert.Empty(new Certifier(_store.Store, _keys, TimeSpan.Zero).Run(rerun));
    }

    [Fact]
    public void An_overdue_request_says_by_how_much()
    {
        _store.Receive(new ForgetRequest { Id = "late", Items = [Item] });
        _store.Clock.Advance(TimeSpan.FromDays(_store.Store.Recipe.Requests.DueDays + 2));
        _store.Train();
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();

        Assert.Equal(2 * 24 * 3600, Verify("late").Statement!.Predicate.Request.OverdueSeconds);
    }

    [Fact]
    public void A_repeated_receipt_gives_another_copy_as_long_as_the_items_are_known()
    {
        var request = new ForgetRequest { Id = "r1", Items = [Item] };
        var first = _store.Receive(request).Copy!;
        var second = _store.Receive(request).Copy!;
        _store.Train();
        Assert.Null(_store.Receive(request).Copy);
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();

        Assert.NotEqual(first.Commitments(), second.Commitments());
        Assert.Equal(second.Commitments(), Verify("r1").Statement!.Predicate.Items.Commitments);
    }

    [Fact]
    public void Names_that_were_not_found_are_certified_beside_those_that_were_and_open_with_the_requesters_copy()
    {
        var request = new ForgetRequest { Id = "r1", Items = [Item, "nobody", "nobody else"], Subjects = ["no author"], Spans = [new ItemSpan("no text", new TextSpan(0, 2))] };
        _store.Receive(request);
        var copy = _store.Receive(request).Copy!;
        _store.Receive(new ForgetRequest { Id = "r2", Items = ["item-00020"] });
        _store.Train();
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();

        var statement = Verify("r1").Statement!;
        Assert.Equal(1, statement.Predicate.Items.Count);
        Assert.Equal(4, statement.Predicate.NotFound!.Count);
        Assert.Equal(copy.NotFoundCommitments(), statement.Predicate.NotFound.Commitments);
        Assert.Equal(["no author", "no text", "nobody", "nobody else"], copy.NotFound!.Select(n => n.Item).Order(StringComparer.Ordinal));
        Assert.Empty(CertificateChecker.CopyFaults(statement, RequesterCopy.Read(copy.ToBytes())));
        Assert.Contains(CertificatePart.Of(Verify("r1")).SelectMany(part => part.Lines), line => line is { Name: "Not found" } && line.Value.StartsWith("4 names", StringComparison.Ordinal));
        Assert.Null(Verify("r2").Statement!.Predicate.NotFound);
        Assert.DoesNotContain("notFound", Encoding.UTF8.GetString(Read("r2").Payload), StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", Encoding.UTF8.GetString(Verify("r1", "auditor").Certificate.Payload), StringComparison.Ordinal);
        _store.CheckInvariants();
    }

    [Theory]
    [InlineData(KeyRing.CertificateName)]
    [InlineData(KeyRing.LogName)]
    public void A_replaced_key_is_recorded_and_earlier_certificates_stay_valid_under_the_old_one(string name)
    {
        Certify("r1");
        using var old = EvidenceKey.ReadPublic(File.ReadAllText(_store.Store.Layout.PublicKey(KeyRing.CertificateName)), "old");

        var digest = KeyRing.Rotate(_store.Store, name, "a passphrase");

        using var ring = KeyRing.Open(_store.Store.Layout, () => "a passphrase");
        Assert.Equal(digest, EvidenceKey.DigestOf(name == KeyRing.LogName ? ring.Log : ring.Certificate));
        Assert.Throws<EvidenceException>(() => KeyRing.Open(_store.Store.Layout, () => "another"));
        Assert.True(Certificate.Verify(File.ReadAllBytes(_store.Store.Layout.Certificate("r1")), old).IsValid);
        var entry = LogEntry.Read(_store.Store.Log.Lines[^1]);
        Assert.Equal((LogEvent.KeyRotated, name), (entry.Event, entry.Note));
        _store.Receive(new ForgetRequest { Id = "r2", Items = ["item-00004"] });
        _store.Train();
        new Certifier(_store.Store, ring, TimeSpan.Zero).Run();
        Assert.True(Verify("r2").IsValid);
    }

    [Fact]
    public void Private_keys_are_for_their_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }

        foreach (var name in new[] { KeyRing.LogName, KeyRing.CertificateName })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_store.Store.Layout.PrivateKey(name)));
        }
    }

    public void Dispose()
    {
        _keys.Dispose();
        _store.Dispose();
    }

    private void Certify(string id, string item = Item)
    {
        _store.Receive(new ForgetRequest { Id = id, Items = [item] });
        _store.Train();
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();
    }

    private Certificate Read(string id) => Certificate.Read(File.ReadAllBytes(_store.Store.Layout.Certificate(id)));

    private CertificateVerdict Verify(string id, string form = "")
    {
        using var key = EvidenceKey.ReadPublic(File.ReadAllText(_store.Store.Layout.PublicKey(KeyRing.CertificateName)), "key");
        return Certificate.Verify(File.ReadAllBytes(_store.Store.Layout.Certificate(id, form)), key);
    }
}
