using System.Security.Cryptography;
using System.Text;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Measurements;
using Sisa.Training;

namespace Sisa.Core.Tests.Evidence;

public sealed class CertificateTests : IDisposable
{
    private readonly ECDsa _key = EvidenceKey.Create();
    private readonly ECDsa _logKey = EvidenceKey.Create();

    [Fact]
    public void The_encoding_that_is_signed_is_that_of_the_specification() =>
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world", Encoding.UTF8.GetString(Envelope.PreAuthentication("http://example.com/HelloWorld", "hello world"u8)));

    [Fact]
    public void A_certificate_is_valid_and_says_that_the_procedure_is_recorded()
    {
        var verdict = Certificate.Verify(Issue().ToBytes(), _key);

        Assert.Empty(verdict.Faults);
        Assert.True(verdict.IsValid);
        Assert.Equal("procedure recorded", verdict.Standing);
        Assert.Equal("r+1", verdict.Statement!.Predicate.Request.Id);
    }

    [Theory]
    [InlineData(RerunKind.SameMachine, 4, 4, "verified on this machine")]
    [InlineData(RerunKind.Independent, 4, 4, "verified independently")]
    [InlineData(RerunKind.Independent, 4, 3, "procedure recorded")]
    [InlineData(RerunKind.SameMachine, 0, 0, "procedure recorded")]
    [InlineData(RerunKind.Independent, 0, 0, "procedure recorded")]
    public void Only_a_rerun_that_compared_and_found_everything_equal_earns_the_word(RerunKind kind, int compared, int equal, string standing) =>
        Assert.Equal(standing, Certificate.Verify(Issue(rerun: new CertifiedRerun(kind, false, compared, equal)).ToBytes(), _key).Standing);

    [Fact]
    public void Other_bytes_of_the_same_meaning_are_named_as_such() =>
        Assert.Contains("not in the form of a certificate", Assert.Single(Certificate.Verify([(byte)' ', .. Issue().ToBytes()], _key).Faults), StringComparison.Ordinal);

    [Fact]
    public void A_certificate_is_read_up_to_its_largest_size()
    {
        var bytes = Issue().ToBytes();
        var larger = new byte[Certificate.MaxBytes + 1];
        bytes.CopyTo(larger, 0);
        larger.AsSpan(bytes.Length).Fill((byte)' ');

        Assert.Equal(bytes, Certificate.Read(larger.AsSpan(0, Certificate.MaxBytes)).ToBytes());
        Assert.Contains("expected at most", Assert.Throws<EvidenceException>(() => Certificate.Read(larger)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_changed_byte_is_rejected()
    {
        var bytes = Issue().ToBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= (byte)(1 << (i % 8));
            Assert.False(IsValid(changed), $"byte {i}: {Encoding.UTF8.GetString(bytes[Math.Max(0, i - 10)..Math.Min(bytes.Length, i + 10)])}");
        }

        Assert.False(IsValid([.. bytes, (byte)'\n']));
        Assert.False(IsValid(bytes[..^1]));
        Assert.False(IsValid([(byte)' ', .. bytes]));
        Assert.True(IsValid(bytes));
    }

    [Fact]
    public void A_certificate_of_another_issuer_is_not_believed()
    {
        using var other = EvidenceKey.Create();
        var verdict = Certificate.Verify(Issue().ToBytes(), other);

        Assert.False(verdict.IsValid);
        Assert.Null(verdict.Statement);
        Assert.Contains("signature does not match", Assert.Single(verdict.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_of_another_log_proves_nothing()
    {
        using var other = EvidenceKey.Create();
        var certificate = Issue();
        var head = LogCheckpoint.Open(SignedNote.Parse(certificate.Log.Checkpoint), _logKey)!;
        var forged = certificate with { Log = certificate.Log with { Checkpoint = head.Sign(other).ToString() } };

        Assert.Contains("not signed by the log", Assert.Single(Certificate.Verify(forged.ToBytes(), _key).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_whose_key_is_no_key_proves_nothing() =>
        Assert.Contains("not signed by the log", Assert.Single(Certificate.Verify(Issue(logPublicKey: [1, 2, 3]).ToBytes(), _key).Faults), StringComparison.Ordinal);

    [Fact]
    public void An_entry_that_is_not_where_the_proof_says_is_not_in_the_log()
    {
        var certificate = Issue();
        var moved = certificate with { Log = certificate.Log with { Index = certificate.Log.Index - 1 } };

        Assert.Contains("does not hold the entry", Assert.Single(Certificate.Verify(moved.ToBytes(), _key).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void An_envelope_is_signed_by_each_of_those_who_signed_it()
    {
        using var other = EvidenceKey.Create();
        using var third = EvidenceKey.Create();
        var envelope = Envelope.Sign("{}"u8.ToArray(), _key);
        var both = envelope with { Signatures = [.. Envelope.Sign("{}"u8.ToArray(), other).Signatures, .. envelope.Signatures] };

        Assert.True(both.IsSignedBy(_key) && both.IsSignedBy(other));
        Assert.False(both.IsSignedBy(third));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void What_is_signed_and_no_statement_is_refused(string payload)
    {
        var certificate = Certificate.Of(Envelope.Sign(Encoding.UTF8.GetBytes(payload), _key), Issue().Log);

        Assert.Throws<EvidenceException>(() => Certificate.Verify(certificate.ToBytes(), _key));
    }

    [Fact]
    public void A_statement_of_another_type_is_not_read_as_one_of_this()
    {
        var statement = ErasureStatement.Read(Issue().Payload);

        Assert.Throws<EvidenceException>(() => ErasureStatement.Read((statement with { PredicateType = "urn:sisa:erasure/v2" }).ToPayload()));
        Assert.Throws<EvidenceException>(() => ErasureStatement.Read((statement with { Type = "https://in-toto.io/Statement/v0.1" }).ToPayload()));
    }

    [Fact]
    public void What_is_claimed_and_not_claimed_is_said_in_words_each_of_its_own()
    {
        string[] words = [.. FixedWords.Claims, .. FixedWords.NonClaims];

        Assert.NotEmpty(FixedWords.Claims);
        Assert.Contains(FixedWords.NonClaims, w => w.Contains("not differential privacy", StringComparison.Ordinal));
        Assert.All(words, w => Assert.EndsWith(".", w, StringComparison.Ordinal));
        Assert.Equal(words.Length, words.Distinct().Count());
    }

    [Fact]
    public void An_entry_about_another_statement_proves_nothing()
    {
        var certificate = Issue(entryPayload: Digest.Of([9]));

        Assert.Contains("another statement", Assert.Single(Certificate.Verify(certificate.ToBytes(), _key).Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"payloadType":"x","payload":"!","signatures":[],"log":null}""")]
    [InlineData("""{"payloadType":"x","payload":"","signatures":[],"log":null}""")]
    [InlineData("""{"payloadType":"x","payload":"","signatures":[],"log":{"entry":"","path":[],"checkpoint":""}}""")]
    public void What_is_no_certificate_is_refused(string text) => Assert.Throws<EvidenceException>(() => Certificate.Verify(Encoding.UTF8.GetBytes(text), _key));

    [Fact]
    public void Printable_characters_are_not_escaped()
    {
        var payload = Encoding.UTF8.GetString(Issue().Payload);

        Assert.Contains("\"r+1\"", payload, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u", payload, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encrypted_key_opens_with_its_passphrase_alone()
    {
        var pem = EvidenceKey.ToPrivatePem(_key, "horse battery");
        using var again = EvidenceKey.ReadPrivate(pem, "horse battery", "file");

        Assert.True(EvidenceKey.IsEncrypted(pem));
        Assert.Equal(EvidenceKey.DigestOf(_key), EvidenceKey.DigestOf(again));
        Assert.Throws<EvidenceException>(() => EvidenceKey.ReadPrivate(pem, "horse", "file"));
        Assert.Throws<EvidenceException>(() => EvidenceKey.ReadPrivate("nothing", "", "file"));
        Assert.Throws<EvidenceException>(() => EvidenceKey.ReadPrivate(EvidenceKey.ToPublicPem(_key), "", "file"));
        Assert.Throws<EvidenceException>(() => EvidenceKey.ReadPublic(EvidenceKey.ToPrivatePem(_key, ""), "file"));
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Contains("expected P-256", Assert.Throws<EvidenceException>(() => EvidenceKey.ReadPublic(EvidenceKey.ToPublicPem(other), "file")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checker_takes_the_key_that_was_replaced_too_and_says_which_held()
    {
        using var other = EvidenceKey.Create();
        var found = new CertificateChecker(Public("new", other), Public("old", _key)).Check(Issue().ToBytes());

        Assert.True(found.IsValid);
        Assert.Equal("old", found.Key.Name);
        Assert.Contains("signature does not match", Assert.Single(new CertificateChecker(Public("new", other)).Check(Issue().ToBytes()).Faults), StringComparison.Ordinal);
        Assert.Throws<EvidenceException>(() => new CertificateChecker().Check(Issue().ToBytes()));
    }

    [Fact]
    public void A_requesters_copy_of_other_items_or_of_another_request_is_told_apart()
    {
        var copy = new RequesterCopy("r+1", [CommittedItem.Of(RequesterCopy.NewCode(), "note-7", null)]);
        var bytes = Issue(commitments: copy.Commitments()).ToBytes();
        var checker = new CertificateChecker(Public("key", _key));

        Assert.Empty(checker.Check(bytes, copy).Faults);
        Assert.Contains("is about request 'r+2'", Assert.Single(checker.Check(bytes, copy with { Request = "r+2" }).Faults), StringComparison.Ordinal);
        Assert.Contains("1 are not in the certificate", Assert.Single(checker.Check(bytes, copy with { Items = [CommittedItem.Of(RequesterCopy.NewCode(), "note-7", null)] }).Faults), StringComparison.Ordinal);
        Assert.False(checker.Check(bytes, copy with { Items = [.. copy.Items, .. copy.Items] }).IsValid);
    }

    [Fact]
    public void A_requesters_copy_that_names_other_missing_names_than_the_certificate_is_told_apart()
    {
        var code = RequesterCopy.NewCode();
        var all = new RequesterCopy("r+1", [CommittedItem.Of(code, "note-7", null)]);
        var some = all with { NotFound = [CommittedItem.Of(code, "note-8", null), CommittedItem.OfSubject(code, "anna")] };
        var statement = ErasureStatement.Read(Issue(commitments: all.Commitments()).Payload);
        var missing = statement with { Predicate = statement.Predicate with { NotFound = new CertifiedNames(2, some.NotFoundCommitments()) } };

        Assert.Empty(CertificateChecker.CopyFaults(statement, all));
        Assert.Empty(CertificateChecker.CopyFaults(missing, some));
        Assert.Contains("2 names of the request were not found; the requester's copy names none", Assert.Single(CertificateChecker.CopyFaults(missing, all)), StringComparison.Ordinal);
        Assert.Contains("0 names of the request were not found; the 2 in the requester's copy are others", Assert.Single(CertificateChecker.CopyFaults(statement, some)), StringComparison.Ordinal);
        Assert.Contains("are others", Assert.Single(CertificateChecker.CopyFaults(missing, some with { NotFound = [some.NotFound[0], CommittedItem.Of(code, "note-9", null)] })), StringComparison.Ordinal);
        Assert.Equal(missing.ToPayload(), ErasureStatement.Read(missing.ToPayload()).ToPayload());
    }

    [Fact]
    public void A_log_with_more_entries_has_the_leaves_of_one_that_is_hashed_at_once()
    {
        var whole = new LogHistory(["one", "two", "three"]);
        var grown = new LogHistory(["one"]).With(["two", "three"]);

        Assert.Equal(whole.Lines, grown.Lines);
        Assert.Equal(whole.Leaves, grown.Leaves);
    }

    [Fact]
    public void What_an_entry_is_bound_to_is_told_without_reading_it_whatever_its_texts_look_like()
    {
        var entry = new LogEntry { Event = LogEvent.Certified, At = DateTimeOffset.UnixEpoch, Epoch = 1, Request = ",\"payload\":\"no digest", Payload = Digest.Of([1]) };

        Assert.Equal(entry.Payload, LogEntry.PayloadOf(entry.ToLine()));
        Assert.Null(LogEntry.PayloadOf((entry with { Payload = null }).ToLine()));
        Assert.Throws<EvidenceException>(() => LogEntry.PayloadOf(entry.ToLine().Replace(entry.Payload.ToString()!, "77", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_an_attestation_about_this_bundle_makes_a_certificate_independently_verified()
    {
        using var auditor = EvidenceKey.Create();
        var certificate = Issue();
        var statement = ErasureStatement.Read(certificate.Payload);
        var rerun = new RerunStatement
        {
            Subject = [statement.Subject[0]],
            Predicate = new RerunFinding(statement.Predicate.Recipe.Digest, 3, statement.Predicate.Environments[0], false, 4, 4, statement.Predicate.Request.Completed),
        };
        CertificateFindings Check(RerunStatement said, ECDsa key) =>
            new CertificateChecker(Public("key", _key)).Check(certificate.ToBytes(), attestation: new Attestation(Envelope.Sign(said.ToPayload(), auditor).ToBytes(), Public("auditor", key)));

        Assert.True(Check(rerun, auditor).IsValid);
        Assert.Equal("verified independently", Check(rerun, auditor).Standing);
        Assert.False(Check(rerun, _key).IsValid);
        Assert.False(Check(rerun with { Subject = [statement.Subject[1]] }, auditor).IsValid);
        Assert.False(Check(rerun with { Predicate = rerun.Predicate with { Equal = 3 } }, auditor).IsValid);
    }

    [Fact]
    public void A_kept_head_shows_that_a_log_went_backwards()
    {
        var history = new LogHistory(["one", "two", "three"]);
        var head = new KeptHead("kept", new LogCheckpoint("sisa/log", 2, MerkleTree.Root(history.Leaves.Take(2))).Sign(_logKey).ToString());
        var checker = new HeadChecker(Public("other", _key), Public("log", _logKey));

        Assert.Empty(checker.Faults(history, head));
        Assert.Empty(checker.Faults(history, null));
        Assert.Contains("does not begin with the 2", Assert.Single(checker.Faults(new LogHistory(["one"]), head)), StringComparison.Ordinal);
        Assert.Contains("does not begin with the 2", Assert.Single(checker.Faults(new LogHistory(["one", "TWO", "three"]), head)), StringComparison.Ordinal);
        Assert.Contains("is not signed by a key of this log", Assert.Single(new HeadChecker(Public("other", _key)).Faults(history, head)), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _key.Dispose();
        _logKey.Dispose();
    }

    private static PublicKeyText Public(string name, ECDsa key) => new(name, EvidenceKey.ToPublicPem(key));

    private bool IsValid(byte[] bytes)
    {
        try
        {
            return Certificate.Verify(bytes, _key).IsValid;
        }
        catch (EvidenceException)
        {
            return false;
        }
    }

    private Certificate Issue(CertifiedRerun? rerun = null, Digest? entryPayload = null, byte[]? logPublicKey = null, IReadOnlyList<Digest>? commitments = null)
    {
        var now = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
        var statement = new ErasureStatement
        {
            Subject = [new("bundle", new SubjectDigest(Digest.Of([1]))), new("checkpoint", new SubjectDigest(Digest.Of([2])))],
            Predicate = new Erasure
            {
                Form = CertificateForm.Public,
                Request = new CertifiedRequest("r+1", ForgetReason.Privacy, ForgetPolicy.Fallback, now, now.AddDays(30), now.AddMinutes(1), null),
                Items = new CertifiedItems(1, 0, commitments ?? [Digest.Of([3])]),
                Epoch = 3,
                BundleBefore = Digest.Of([4]),
                Recipe = new CertifiedRecipe(Digest.Of([5]), Digest.Of([6]), TrainingCode.Version, ["labels"]),
                Environments =
                [
                    new EnvironmentFingerprint { Device = "cpu", Numerics = NumericProfile.Portable, Threads = 1, Architecture = "x64", OperatingSystem = "linux", CpuCapability = "avx2", Libtorch = "2.10.0", TorchSharp = "0.107.0" },
                ],
                Cost = new CertifiedCost(1, 420, 1080, 2),
                Rerun = rerun ?? new CertifiedRerun(RerunKind.None),
                Measurements = new ForgettingMeasurements(
                    new ForgettingEffectiveness { Items = 1, Loss = 0.5, Unseen = 100, UnseenLoss = 0.61, LossRanks = [0.55] },
                    new RetainedUtility(new ClassificationFigures(100, 0.9, 0.89, 0.3, 0.02), 0)),
                Purge = new CertifiedPurge(4, 40, 0, 41, 1000, 0, 0),
                Duplicates = new CertifiedDuplicates(Searched: false),
                ExportsRecalled = 0,
                Log = new CertifiedLog("sisa/log", logPublicKey ?? _logKey.ExportSubjectPublicKeyInfo()),
                Claims = ["…"],
                NonClaims = ["…"],
            },
        };
        var envelope = Envelope.Sign(statement.ToPayload(), _key);
        var line = new LogEntry { Event = LogEvent.Certified, At = now, Epoch = 3, Request = "r+1", Payload = entryPayload ?? envelope.PayloadDigest }.ToLine();
        Digest[] leaves = [.. Enumerable.Range(0, 5).Select(i => Digest.Of([(byte)i])), MerkleTree.LeafOf(Encoding.UTF8.GetBytes(line)), Digest.Of([99])];
        var head = new LogCheckpoint("sisa/log", leaves.Length, MerkleTree.Root(leaves)).Sign(_logKey);
        return Certificate.Of(envelope, new LogProof(line, 5, MerkleProof.Inclusion(leaves, 5), head.ToString()));
    }
}
