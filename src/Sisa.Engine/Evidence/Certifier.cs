using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Evidence;

/// <summary>Issues certificates for purged requests, and writes their files.</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves:
/// 1. statements are made and signed — nothing has changed;
/// 2. one transaction records them, their entries in the evidence log and the new state — the request counts as certified;
/// 3. the head of the log is signed and written, then the certificate, with its proof — the next run writes files that are missing.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="keys">What signs.</param>
/// <param name="patience">How long to wait for a store that another process holds.</param>
public sealed class Certifier(Store store, KeyRing keys, TimeSpan patience)
{
    /// <summary>Whether there is something to certify, or a file to write.</summary>
    /// <param name="store">The store.</param>
    public static bool IsNeeded(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Manifest.Requests.All().Any(r => r.State == RequestState.Purged) || store.Manifest.Certificates.All().Any(row => !File.Exists(PathOf(store, row)));
    }

    /// <summary>Certifies whatever is purged, and writes the files that are missing.</summary>
    /// <returns>Names of the requests certified now.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Run()
    {
        using var held = StoreLock.Acquire(store.Layout, patience);
        return Issue([.. store.Manifest.Requests.All().Where(r => r.State == RequestState.Purged)], new CertifiedRerun(RerunKind.None));
    }

    /// <summary>Issues the certificates again that name no rerun yet, after one has found everything equal.</summary>
    /// <param name="rerun">What was compared.</param>
    /// <returns>Names of the requests whose certificates say so now.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Run(CertifiedRerun rerun)
    {
        ArgumentNullException.ThrowIfNull(rerun);
        using var held = StoreLock.Acquire(store.Layout, patience);
        var verified = store.Manifest.Certificates.All()
            .Where(row => ErasureStatement.Read(ReadEnvelope(row).Payload).Predicate.Rerun.Kind != RerunKind.None)
            .Select(row => row.Request)
            .ToHashSet();
        return Issue([.. store.Manifest.Requests.All().Where(r => r.State >= RequestState.Purged && !verified.Contains(r.Number))], rerun);
    }

    private List<string> Issue(RequestRow[] requests, CertifiedRerun rerun)
    {
        var statements = new StatementBuilder(store, keys);
        foreach (var request in requests)
        {
            var issued = Enum.GetValues<CertificateForm>().Select(form => (Form: form, Envelope: Envelope.Sign(statements.Make(request, form, rerun).ToPayload(), keys.Certificate))).ToArray();
            store.Manifest.Write(() =>
            {
                foreach (var (form, envelope) in issued)
                {
                    store.Manifest.Certificates.Set(request.Number, Name(form), JsonSerializer.Serialize(envelope, RecipeJson.Options));
                    store.Log.Record(entry => entry with { Event = LogEvent.Certified, Request = request.Id, Payload = envelope.PayloadDigest });
                }

                store.Manifest.Requests.Update(request with { State = RequestState.Certified });
            });
        }

        WriteFiles(requests.Select(r => r.Number).ToHashSet());
        return [.. requests.Select(r => r.Id)];
    }

    private void WriteFiles(HashSet<long> issued)
    {
        var rows = store.Manifest.Certificates.All().Where(row => issued.Contains(row.Request) || !File.Exists(PathOf(store, row))).ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        var head = store.Log.Seal(keys.Log).ToString();
        var (lines, leaves) = (store.Log.Lines, store.Log.Leaves());
        var entries = lines.Select((line, index) => (Payload: LogEntry.Read(line) is { Event: LogEvent.Certified } entry ? entry.Payload : null, index)).Where(e => e.Payload is not null).ToLookup(e => e.Payload!.Value, e => e.index);
        foreach (var row in rows)
        {
            var envelope = ReadEnvelope(row);
            var index = entries[envelope.PayloadDigest].Last();
            var certificate = Certificate.Of(envelope, new LogProof(lines[index], index, MerkleProof.Inclusion(leaves, index), head));
            DurableFile.CreateFolder(store.Layout.Certificates);
            DurableFile.Write(PathOf(store, row), certificate.ToBytes());
        }
    }

    private static string PathOf(Store store, CertificateRow row) => store.Layout.Certificate(row.RequestId, row.Form == Name(CertificateForm.Public) ? string.Empty : row.Form);

    private static string Name(CertificateForm form) => form == CertificateForm.Public ? "public" : "auditor";

    private static Envelope ReadEnvelope(CertificateRow row) =>
        JsonSerializer.Deserialize<Envelope>(row.Envelope, RecipeJson.Options) ?? throw new StoreException($"The statement of request '{row.RequestId}' is 'null'.", "Restore the manifest from a backup.");
}

/// <summary>Makes statements from what the store records.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">What signs.</param>
internal sealed class StatementBuilder(Store store, KeyRing keys)
{
    /// <summary>Makes a statement about a purged request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="form">Who it is for.</param>
    /// <param name="rerun">Who repeated the training.</param>
    public ErasureStatement Make(RequestRow request, CertificateForm form, CertifiedRerun rerun)
    {
        var served = store.Manifest.Bundle.Served();
        var completed = request.Completed ?? store.Now;
        var late = completed - request.Due;
        return new ErasureStatement
        {
            Subject =
            [
                new StatementSubject("bundle", new SubjectDigest(BundleDigest.Of(served))),
                .. served.Values.Order().Select((digest, i) => new StatementSubject($"checkpoint-{i + 1}", new SubjectDigest(digest))),
            ],
            Predicate = new Erasure
            {
                Form = form,
                Request = new CertifiedRequest(request.Id, request.Reason, request.Policy, request.Received, request.Due, completed, late > TimeSpan.Zero ? (long)late.TotalSeconds : null),
                Items = new CertifiedItems((int)request.Summary.Items, (int)request.Summary.Spans, store.Manifest.Certificates.Commitments(request.Number)),
                Epoch = store.Manifest.Settings.Epoch,
                BundleBefore = request.Summary.BundleBefore,
                Recipe = new CertifiedRecipe(store.RecipeDigest, store.Key.Commitment, TrainingCode.Version, store.Recipe.DeclaredAfterInspection),
                Environments = Environments(served.Values),
                Cost = new CertifiedCost(request.Summary.Shards, request.Summary.Visits ?? 0, request.Summary.FullVisits, request.Summary.Seconds ?? 0),
                Rerun = rerun,
                Purge = Purge(request.Summary.Purge),
                ExportsRecalled = store.Manifest.Exports.All().Count(e => e.Recall),
                Log = new CertifiedLog(store.Log.Origin, keys.Log.ExportSubjectPublicKeyInfo()),
                Claims = FixedWords.Claims,
                NonClaims = FixedWords.NonClaims,
                Auditor = form == CertificateForm.Auditor ? Audit() : null,
            },
        };
    }

    private EnvironmentFingerprint[] Environments(IEnumerable<Digest> served)
    {
        var known = store.Manifest.Checkpoints.Environments();
        var serving = served.ToHashSet();
        return [.. store.Manifest.Checkpoints.All().Where(c => serving.Contains(c.Digest)).Select(c => c.Environment).Distinct().Order().Select(e => known[e])];
    }

    private static CertifiedPurge? Purge(PurgeReport? purge) => purge is null
        ? null
        : new CertifiedPurge(purge.FilesRemoved, purge.PatternsSearched, purge.PatternsTooShort, purge.FilesSearched, purge.BytesSearched, purge.Hits, purge.RetainedHits);

    private AuditorPart Audit() => new(
        store.Recipe.Training.Seed,
        [
            .. store.Histories().Select(h => new AuditedShard(
                h.Shard.Value,
                h.Slices,
                [.. h.Chain(store.RecipeDigest, null).Select(c => new AuditedCheckpoint(c.Digest, c.Tensors))])),
        ]);
}
