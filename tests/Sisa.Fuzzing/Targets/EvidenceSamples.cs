using System.Security.Cryptography;
using System.Text;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Measurements;
using Sisa.Training;

namespace Sisa.Fuzzing.Targets;

/// <summary>Keys that are the same in every run, so that what one run signed another can check, and what was signed with them.</summary>
internal static class EvidenceSamples
{
    private static readonly DateTimeOffset Moment = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    /// <summary>Signs certificates.</summary>
    public static ECDsa Key { get; } = KeyOf(1);

    /// <summary>Signs heads of the log.</summary>
    public static ECDsa LogKey { get; } = KeyOf(2);

    /// <summary>An environment.</summary>
    public static EnvironmentFingerprint Environment { get; } = new()
    {
        Device = "cpu", Numerics = NumericProfile.Portable, Threads = 1, Architecture = "x64", OperatingSystem = "linux", CpuCapability = "avx2", Libtorch = "2.10.0", TorchSharp = "0.107.0",
    };

    /// <summary>Statements: for anybody, and for an auditor.</summary>
    public static IReadOnlyList<ErasureStatement> Statements { get; } =
    [
        Statement(CertificateForm.Public, new CertifiedRerun(RerunKind.None), null),
        Statement(CertificateForm.Auditor, new CertifiedRerun(RerunKind.SameMachine, false, 4, 4), new AuditorPart(17, [new AuditedShard(0, [new SliceRoot(Digest.Of([7]), 5)], [new AuditedCheckpoint(Digest.Of([8]), Digest.Of([9]))])])),
    ];

    /// <summary>Entries of a log, one of every kind of content.</summary>
    public static IReadOnlyList<LogEntry> Entries { get; } =
    [
        new LogEntry { Event = LogEvent.Opened, At = Moment, Epoch = 0, Payload = Digest.Of([5]) },
        new LogEntry { Event = LogEvent.Received, At = Moment, Epoch = 1, Request = "r+1", Reason = ForgetReason.Privacy, Due = Moment.AddDays(30), Marks = [new LogMark("item", Digest.Of([1])), new LogMark("span", Digest.Of([2]), "3..5")] },
        new LogEntry { Event = LogEvent.KeyRotated, At = Moment, Epoch = 1, Note = "log", PublicKey = LogKey.ExportSubjectPublicKeyInfo() },
    ];

    /// <summary>Issues a certificate about a payload, as a log of seven entries holds it.</summary>
    public static Certificate Issue(byte[] payload)
    {
        var envelope = Envelope.Sign(payload, Key);
        var line = EntryOf(envelope.PayloadDigest);
        Digest[] leaves = [.. Enumerable.Range(0, 5).Select(i => Digest.Of([(byte)i])), MerkleTree.LeafOf(Encoding.UTF8.GetBytes(line)), Digest.Of([99])];
        var head = new LogCheckpoint("sisa/log", leaves.Length, MerkleTree.Root(leaves)).Sign(LogKey);
        return Certificate.Of(envelope, new LogProof(line, 5, MerkleProof.Inclusion(leaves, 5), head.ToString()));
    }

    /// <summary>The log's entry about a statement.</summary>
    public static string EntryOf(Digest payload) => new LogEntry { Event = LogEvent.Certified, At = Moment, Epoch = 3, Request = "r+1", Payload = payload }.ToLine();

    private static ECDsa KeyOf(byte number)
    {
        var secret = new byte[32];
        secret[^1] = number;
        secret[0] = 0x42;
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
    }

    private static ErasureStatement Statement(CertificateForm form, CertifiedRerun rerun, AuditorPart? auditor) => new()
    {
        Subject = [new("bundle", new SubjectDigest(Digest.Of([1]))), new("checkpoint", new SubjectDigest(Digest.Of([2])))],
        Predicate = new Erasure
        {
            Form = form,
            Request = new CertifiedRequest("r+1", ForgetReason.Privacy, ForgetPolicy.Fallback, Moment, Moment.AddDays(30), Moment.AddMinutes(1), 12),
            Items = new CertifiedItems(1, 0, [Digest.Of([3])]),
            Epoch = 3,
            BundleBefore = Digest.Of([4]),
            Recipe = new CertifiedRecipe(Digest.Of([5]), Digest.Of([6]), TrainingCode.Version, ["labels"]),
            Environments = [Environment],
            Cost = new CertifiedCost(1, 420, 1080, 2),
            Rerun = rerun,
            Measurements = new ForgettingMeasurements(new ForgettingEffectiveness { Items = 1, Loss = 0.5, Unseen = 3, UnseenLoss = 0.25, LossRanks = [0.33] }),
            Purge = new CertifiedPurge(4, 40, 0, 41, 1000, 0, 0),
            ExportsRecalled = 0,
            Log = new CertifiedLog("sisa/log", LogKey.ExportSubjectPublicKeyInfo()),
            Claims = ["…"],
            NonClaims = ["…"],
            Auditor = auditor,
        },
    };
}
