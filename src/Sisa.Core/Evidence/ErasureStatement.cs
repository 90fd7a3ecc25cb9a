using System.Text.Json;
using System.Text.Json.Serialization;
using Sisa.Checkpoints;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Measurements;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Evidence;

/// <summary>The statement of a certificate: an in-toto Statement (version 1) about the bundle and the checkpoints that are served after a request.</summary>
/// <remarks>A value; made by the process that served the request, signed as an <see cref="Envelope"/>. Format: docs/certificate-format.md.</remarks>
public sealed record ErasureStatement
{
    /// <summary>The type of every in-toto statement of version 1.</summary>
    public const string StatementType = "https://in-toto.io/Statement/v1";

    /// <summary>The type of the predicate; changes whenever a reader of the old one would misunderstand the new.</summary>
    public const string ErasureType = "urn:sisa:erasure/v1";

    /// <summary>Always <see cref="StatementType"/>.</summary>
    [JsonPropertyName("_type")]
    public string Type { get; init; } = StatementType;

    /// <summary>The subjects of the statement: the bundle, then its checkpoints in the order of their digests, which reveals no shard numbers.</summary>
    public required IReadOnlyList<StatementSubject> Subject { get; init; }

    /// <summary>Always <see cref="ErasureType"/>.</summary>
    public string PredicateType { get; init; } = ErasureType;

    /// <summary>The predicate about them.</summary>
    public required Erasure Predicate { get; init; }

    /// <summary>The bytes to sign: JSON, members in declaration order, nothing escaped that is printable.</summary>
    public byte[] ToPayload() => JsonSerializer.SerializeToUtf8Bytes(this, EvidenceJson.Options);

    /// <summary>Reads the payload of an envelope.</summary>
    /// <param name="payload">The signed bytes.</param>
    /// <exception cref="EvidenceException">It is no statement of this type.</exception>
    public static ErasureStatement Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            var statement = StrictJson.Read<ErasureStatement>(payload, EvidenceJson.Options);
            return statement is { Type: StatementType, PredicateType: ErasureType }
                ? statement
                : throw new EvidenceException(
                    $"The statement has the types '{statement.Type}' and '{statement.PredicateType}', expected '{StatementType}' and '{ErasureType}'.",
                    "Use the version of Sisa that wrote it.");
        }
        catch (JsonException e)
        {
            throw new EvidenceException($"The statement cannot be read: {PlainReason.Of(e)}.", "Get the certificate again from its issuer.", e);
        }
    }
}

/// <summary>One thing that a statement is about.</summary>
/// <param name="Name">Name of the subject.</param>
/// <param name="Digest">Its digests, by algorithm.</param>
public sealed record StatementSubject(string Name, SubjectDigest Digest);

/// <summary>Digests of a subject.</summary>
/// <param name="Sha256">SHA-256, hexadecimal.</param>
public sealed record SubjectDigest(Digest Sha256);

/// <summary>Who a certificate is for.</summary>
public enum CertificateForm
{
    /// <summary>Anybody: no shard or slice numbers, no ids.</summary>
    Public,

    /// <summary>An auditor, who repeats the training: lineage, digests by shard and slice, seed.</summary>
    Auditor,
}

/// <summary>The predicate: what was asked, what was done, what was measured, what is and is not claimed.</summary>
public sealed record Erasure
{
    /// <summary>Who it is for.</summary>
    public required CertificateForm Form { get; init; }

    /// <summary>The issuer, by its own account; omitted if the recipe names none.</summary>
    public CertifiedIssuer? Issuer { get; init; }

    /// <summary>The request.</summary>
    public required CertifiedRequest Request { get; init; }

    /// <summary>The forgotten items, as commitments.</summary>
    public required CertifiedItems Items { get; init; }

    /// <summary>Names of the request that were not found, if others were; otherwise omitted.</summary>
    public CertifiedNames? NotFound { get; init; }

    /// <summary>What was searched, if nothing was found under the names of the request; otherwise omitted.</summary>
    public CertifiedSearch? NothingHeld { get; init; }

    /// <summary>Epoch of the bundle that serves after the request.</summary>
    public required long Epoch { get; init; }

    /// <summary>Commitment to the previous bundle. Its nonce is destroyed, so nothing of the tainted models remains (rule E9).</summary>
    public Digest? BundleBefore { get; init; }

    /// <summary>The recipe.</summary>
    public required CertifiedRecipe Recipe { get; init; }

    /// <summary>Every environment in which a served checkpoint was trained; more than one is a mixed environment.</summary>
    public required IReadOnlyList<EnvironmentFingerprint> Environments { get; init; }

    /// <summary>The stages that were retrained, and their cost.</summary>
    public required CertifiedCost Cost { get; init; }

    /// <summary>Whether a training from scratch without the items was made and compared.</summary>
    public required CertifiedRerun Rerun { get; init; }

    /// <summary>Effectiveness and retained utility, as measured with the models that are served after the request; what is absent was not measured.</summary>
    public required ForgettingMeasurements Measurements { get; init; }

    /// <summary>What was removed, and where it was searched for.</summary>
    public CertifiedPurge? Purge { get; init; }

    /// <summary>The search for duplicates before the receipt; omitted by older versions.</summary>
    public CertifiedDuplicates? Duplicates { get; init; }

    /// <summary>The search for near spellings of the names in the request; omitted by older versions.</summary>
    public CertifiedSpellings? Spellings { get; init; }

    /// <summary>Exports handed out earlier that had seen an item, and are to be recalled.</summary>
    public required int ExportsRecalled { get; init; }

    /// <summary>The log that records every state of the request.</summary>
    public required CertifiedLog Log { get; init; }

    /// <summary>The claims, in fixed words.</summary>
    public required IReadOnlyList<string> Claims { get; init; }

    /// <summary>The non-claims, in fixed words.</summary>
    public required IReadOnlyList<string> NonClaims { get; init; }

    /// <summary>The part for auditors.</summary>
    public AuditorPart? Auditor { get; init; }
}

/// <summary>The request of a certificate.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Policy">What was served until the retraining.</param>
/// <param name="Received">When it was received.</param>
/// <param name="Due">When it was due.</param>
/// <param name="Completed">When its purge was finished.</param>
/// <param name="OverdueSeconds">How late it was; omitted if it was on time.</param>
public sealed record CertifiedRequest(
    string Id, ForgetReason Reason, ForgetPolicy Policy, DateTimeOffset Received, DateTimeOffset Due, DateTimeOffset Completed, long? OverdueSeconds = null)
{
    /// <summary>How the due date was moved; left out where it was not.</summary>
    public CertifiedExtension? Extended { get; init; }
}

/// <summary>A due date that was moved.</summary>
/// <param name="From">The due date before.</param>
/// <param name="At">When it was moved.</param>
/// <param name="Reason">The reason.</param>
public sealed record CertifiedExtension(DateTimeOffset From, DateTimeOffset At, ExtensionReason Reason);

/// <summary>The issuer of a certificate, by its own account. The signature names the key. Only a source that the reader trusts can tell whose key it is.</summary>
/// <param name="Organisation">Name of the organisation.</param>
/// <param name="Contact">How to reach it.</param>
/// <param name="Model">Name of the model, for people.</param>
public sealed record CertifiedIssuer(string? Organisation = null, string? Contact = null, string? Model = null);

/// <summary>A search that found nothing under the names of a request.</summary>
/// <param name="Named">Ids, subjects and spans that were searched for.</param>
/// <param name="Items">Items that were searched.</param>
/// <param name="Slices">Slices that were searched; left out where their number was lost with a manifest.</param>
/// <param name="Corpus">SHA-256 over the roots of those slices; left out where one of them still held what an earlier request asked to forget.</param>
public sealed record CertifiedSearch(int Named, long Items, int? Slices = null, Digest? Corpus = null);

/// <summary>The forgotten items. Each commitment is HMAC-SHA256 with its own nonce, which only the requester's copy holds.</summary>
/// <param name="Count">Items forgotten as a whole.</param>
/// <param name="Spans">Spans cut from items that remain.</param>
/// <param name="Commitments">One an item or span, in ascending order.</param>
public sealed record CertifiedItems(int Count, int Spans, IReadOnlyList<Digest> Commitments);

/// <summary>Names of a request that the store did not hold at its receipt: unknown then, or of another spelling.</summary>
/// <param name="Count">Ids, subjects and spans.</param>
/// <param name="Commitments">One a name, in ascending order, made as those of items.</param>
public sealed record CertifiedNames(int Count, IReadOnlyList<Digest> Commitments);

/// <summary>The recipe of a certificate.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="AssignmentKey">Commitment to the assignment key.</param>
/// <param name="TrainingCode">Version of the training code.</param>
/// <param name="DeclaredAfterInspection">Keys whose values were derived from the data. They remain.</param>
/// <param name="Base">Digest of the files of the base that the models adapt or started from, which is not forgettable; left out where there is none.</param>
public sealed record CertifiedRecipe(Digest Digest, Digest AssignmentKey, int TrainingCode, IReadOnlyList<string> DeclaredAfterInspection, Digest? Base = null)
{
    /// <summary>The part of a recipe that its certificates state.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="assignmentKey">Commitment to the assignment key.</param>
    public static CertifiedRecipe Of(Recipe recipe, Digest digest, Digest assignmentKey)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var files = (recipe.Model as SequenceModelOptions)?.Files;
        return new CertifiedRecipe(digest, assignmentKey, Sisa.Training.TrainingCode.Version, recipe.DeclaredAfterInspection, files?.Shape is null ? null : files.Digest);
    }
}

/// <summary>The cost of forgetting.</summary>
/// <param name="Shards">Shards that were affected.</param>
/// <param name="Visits">Items × epochs of the stages that were trained again.</param>
/// <param name="FullVisits">Items × epochs of training everything again, predicted.</param>
/// <param name="Seconds">From the receipt to the publication.</param>
public sealed record CertifiedCost(int Shards, long Visits, double FullVisits, double Seconds);

/// <summary>Who repeated the training.</summary>
public enum RerunKind
{
    /// <summary>No rerun.</summary>
    None,

    /// <summary>The store's owner, on the machine of the store.</summary>
    SameMachine,

    /// <summary>An auditor, from an audit bundle.</summary>
    Independent,
}

/// <summary>A rerun.</summary>
/// <param name="Kind">Who repeated the training.</param>
/// <param name="FromSource">Whether from the source files rather than from the store's slices.</param>
/// <param name="Compared">Checkpoints compared.</param>
/// <param name="Equal">Number of them that were equal, byte for byte.</param>
public sealed record CertifiedRerun(RerunKind Kind, bool? FromSource = null, int? Compared = null, int? Equal = null);

/// <summary>The result of the purge.</summary>
/// <param name="FilesRemoved">Files removed.</param>
/// <param name="StringsSearched">Ids, texts and records searched for.</param>
/// <param name="StringsTooShort">Strings that are too short for a search; they were checked by rows only.</param>
/// <param name="FilesSearched">Files read.</param>
/// <param name="BytesSearched">Bytes read.</param>
/// <param name="Found">Places that belong to no retained item.</param>
/// <param name="FoundInRetained">Places within retained items, such as a copy under another id.</param>
public sealed record CertifiedPurge(int FilesRemoved, int StringsSearched, int StringsTooShort, int FilesSearched, long BytesSearched, int Found, int FoundInRetained);

/// <summary>The search for duplicates of what a request names: copies under other ids, which forgetting an item does not touch.</summary>
/// <param name="Searched">Whether a search was made. If not, all other members are omitted.</param>
/// <param name="Level">The closest kind that was looked for; those before it were too.</param>
/// <param name="Method">How items were compared, in fixed words.</param>
/// <param name="Threshold">Least resemblance that counted as near; left out where near ones were not looked for.</param>
/// <param name="ItemsSearched">Items that were compared.</param>
/// <param name="Found">Duplicates found.</param>
/// <param name="Forgotten">Number of them that this request forgot.</param>
public sealed record CertifiedDuplicates(
    bool Searched, MatchKind? Level = null, string? Method = null, double? Threshold = null, long? ItemsSearched = null, long? Found = null, long? Forgotten = null);

/// <summary>The search for near spellings. Ids and subjects are exact text, so similar names of other persons remain. It has only counts, because the names belong to others.</summary>
/// <param name="Searched">Whether the names of the store were searched; where they were not, nothing else is said.</param>
/// <param name="Match">Which spellings the request took.</param>
/// <param name="Method">The differences that were ignored, in fixed words.</param>
/// <param name="NamesSearched">Names that were compared.</param>
/// <param name="Found">Near spellings found.</param>
/// <param name="Forgotten">Number of them that this request forgot.</param>
public sealed record CertifiedSpellings(
    bool Searched, NameMatch? Match = null, string? Method = null, long? NamesSearched = null, long? Found = null, long? Forgotten = null);

/// <summary>The evidence log.</summary>
/// <param name="Origin">Its name.</param>
/// <param name="PublicKey">Its public key: SubjectPublicKeyInfo, DER.</param>
public sealed record CertifiedLog(string Origin, byte[] PublicKey);

/// <summary>The data that an auditor needs to repeat the training of the affected store.</summary>
/// <param name="Seed">The recipe's seed.</param>
/// <param name="Shards">Lineage and checkpoints of each shard.</param>
public sealed record AuditorPart(ulong Seed, IReadOnlyList<AuditedShard> Shards);

/// <summary>A shard as it stands.</summary>
/// <param name="Shard">Its number.</param>
/// <param name="Slices">Root and item count of each slice.</param>
/// <param name="Checkpoints">Digest of the file and of the tensor bytes after each slice.</param>
public sealed record AuditedShard(int Shard, IReadOnlyList<SliceRoot> Slices, IReadOnlyList<AuditedCheckpoint> Checkpoints);

/// <summary>A checkpoint as it stands.</summary>
/// <param name="Digest">SHA-256 of the file.</param>
/// <param name="Tensors">SHA-256 of the tensor bytes.</param>
public sealed record AuditedCheckpoint(Digest Digest, Digest Tensors);
