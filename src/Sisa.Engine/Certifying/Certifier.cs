using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Certifying;

/// <summary>Issues certificates for requests that are purged or found nothing, and writes their files.</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves:
/// 1. the head that is stored must be one of this log, and statements are made and signed — nothing has changed;
/// 2. one transaction a batch records them and their entries in the evidence log — the requests are still purged, and the next run signs nothing again;
/// 3. the head of the log is signed and written — the same;
/// 4. the files of a batch are written with their proofs, and become durable by one flush — the next run writes those that are missing;
/// 5. one transaction a batch records the new states — a certified request has its files, at every moment.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="keys">What signs.</param>
/// <param name="patience">How long to wait for a store that another process holds.</param>
public sealed class Certifier(Store store, KeyRing keys, TimeSpan patience)
{
    private const int BytesAtOnce = 64 << 20;
    private const int BytesOfStatement = 8 << 10;
    private const int BytesOfStage = 400;

    private static readonly CertificateForm[] Forms = Enum.GetValues<CertificateForm>();

    /// <summary>Requests that share transactions and a flush. By default thousands, fewer where the lineage in the auditor's form is long, so that a batch stays below some hundred megabytes.</summary>
    public int BatchSize { get; init; } = Math.Clamp(BytesAtOnce / (BytesOfStatement + (BytesOfStage * store.Recipe.Ensemble.Shards * store.Recipe.Ensemble.Slices)), 64, 4096);

    /// <summary>Whether there is something to certify, or a file to write.</summary>
    /// <param name="store">The store.</param>
    public static bool IsNeeded(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Manifest.Requests.UncertifiedCount > 0 || Missing(store).Any();
    }

    /// <summary>Whether a recorded certificate's file, or the signed head of the log, is missing or damaged.</summary>
    /// <param name="store">The store.</param>
    public static bool IsDamaged(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return StoredHead.Of(store).Fault is not null || Damaged(store).Any();
    }

    /// <summary>Certifies whatever is purged or found nothing, and writes the files that are missing.</summary>
    /// <param name="mends">Whether every file is looked at, and written again where it is damaged.</param>
    /// <returns>Names of the requests certified now.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Run(bool mends = true)
    {
        using var held = Hold();
        return Issue(store.Manifest.Requests.Uncertified(), new CertifiedRerun(RerunKind.None), mends);
    }

    /// <summary>Issues the certificates again that name no rerun yet, after one has found everything equal.</summary>
    /// <param name="rerun">What was compared.</param>
    /// <returns>Names of the requests whose certificates say so now.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Run(CertifiedRerun rerun)
    {
        ArgumentNullException.ThrowIfNull(rerun);
        using var held = Hold();
        var verified = store.Manifest.Certificates.All()
            .Where(row => ErasureStatement.Read(ReadEnvelope(row).Payload).Predicate.Rerun.Kind != RerunKind.None)
            .Select(row => row.Request)
            .ToHashSet();
        return Issue([.. store.Manifest.Requests.All().Where(r => r.State is RequestState.Purged or RequestState.Certified && !verified.Contains(r.Number))], rerun, mends: true);
    }

    /// <summary>Issues the certificates again that name another bundle than the one that is served: a later request replaced the checkpoints that they name.</summary>
    /// <returns>Names of the requests whose certificates name the present bundle now. Nobody has repeated its training yet, and they say so.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Renew()
    {
        using var held = Hold();
        return Issue(Outdated(store), new CertifiedRerun(RerunKind.None), mends: true);
    }

    /// <summary>Certified requests whose certificates name another bundle than the one that is served. Those that found nothing are about the corpus of their day, and are never renewed.</summary>
    /// <param name="store">The store.</param>
    public static RequestRow[] Outdated(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var served = BundleDigest.Of(store.Manifest.Bundle.Served());
        var outdated = store.Manifest.Certificates.All()
            .Where(row => ErasureStatement.Read(ReadEnvelope(row).Payload).Subject is not [{ Digest.Sha256: var bundle }, ..] || bundle != served)
            .Select(row => row.Request)
            .ToHashSet();
        return [.. store.Manifest.Requests.All().Where(r => r.State == RequestState.Certified && outdated.Contains(r.Number))];
    }

    private StoreLock Hold()
    {
        var held = StoreLock.Acquire(store.Layout, patience);
        try
        {
            RecordedKeys.Require(store, keys);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private List<string> Issue(IReadOnlyList<RequestRow> requests, CertifiedRerun rerun, bool mends)
    {
        var signed = new HashSet<long>();
        if (requests.Count > 0)
        {
            store.Log.RequireOwnHead();
            foreach (var batch in requests.Chunk(BatchSize))
            {
                signed.UnionWith(Record(batch, rerun));
            }
        }

        var issued = requests.Select(r => r.Number).ToHashSet();
        var others = mends ? Damaged(store) : Missing(store);
        WriteFiles([.. issued, .. others.Where(number => !issued.Contains(number)).Distinct()], signed);
        return [.. requests.Select(r => r.Id)];
    }

    // A purged request that has its statements was left by a crash before its files were durable: they are written, and nothing is signed again. Answers the requests that were signed.
    private IEnumerable<long> Record(RequestRow[] batch, CertifiedRerun rerun)
    {
        RequestRow[] fresh = [.. batch.Where(r => r.State != RequestState.Purged || rerun.Kind != RerunKind.None || !store.Manifest.Certificates.Has(r.Number))];
        if (fresh.Length == 0)
        {
            return [];
        }

        var issued = Sign(fresh, rerun);
        store.Manifest.Write(() =>
        {
            store.Manifest.Certificates.Set(issued.Select(i => i.Row));
            store.Log.Record(LogEvent.Certified, issued.Select<(CertificateRow Row, Digest Payload), Func<LogEntry, LogEntry>>(i => entry => entry with { Request = i.Row.RequestId, Payload = i.Payload }));
        });
        return fresh.Select(r => r.Number);
    }

    // On every core: a key is for one thread at a time, so that each thread has a copy.
    private (CertificateRow Row, Digest Payload)[] Sign(RequestRow[] requests, CertifiedRerun rerun)
    {
        var statements = new StatementBuilder(store, keys, requests);
        var parameters = keys.Certificate.ExportParameters(includePrivateParameters: true);
        using var signers = new ThreadLocal<ECDsa>(() => ECDsa.Create(parameters), trackAllValues: true);
        try
        {
            return
            [
                .. requests.AsParallel().AsOrdered().SelectMany(request => Forms.Select(form =>
                {
                    var envelope = Envelope.Sign(statements.Make(request, form, rerun).ToPayload(), signers.Value!);
                    return (new CertificateRow(request.Number, request.Id, KebabName.Of(form), JsonSerializer.Serialize(envelope, RecipeJson.Options)), envelope.PayloadDigest);
                })),
            ];
        }
        finally
        {
            signers.Values.ToList().ForEach(key => key.Dispose());
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    // Of those that were not signed now, a file that is whole stays as it is.
    private void WriteFiles(IReadOnlyList<long> requests, HashSet<long> signed)
    {
        if (requests.Count == 0 && StoredHead.Of(store).Fault is null)
        {
            return;
        }

        var log = store.Log.Seal(keys.Log);
        var entries = log.Lines
            .Select((line, index) => (Line: line, Index: index))
            .Where(e => LogEntry.IsOf(e.Line, LogEvent.Certified))
            .Select(e => (Entry: LogEntry.Read(e.Line), e.Index))
            .Where(e => e.Entry.Payload is not null)
            .ToLookup(e => e.Entry.Payload!.Value, e => e.Index);
        var nodes = new MerkleNodes(log.Leaves);
        DurableFile.CreateFolder(store.Layout.Certificates);
        foreach (var batch in requests.Chunk(BatchSize))
        {
            var rows = store.Manifest.Certificates.Of(batch).AsParallel().AsOrdered().Where(row => signed.Contains(row.Request) || !IsIntact(store, row));
            WriteBatch(rows.Select(row => (PathOf(store, row), Bytes(row))).AsEnumerable());
            store.Manifest.Write(() => store.Manifest.Requests.MarkCertified(batch));
        }

        void WriteBatch(IEnumerable<(string Path, byte[] Content)> files)
        {
            try
            {
                DurableFile.WriteAll(store.Layout.Certificates, files);
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }
        }

        byte[] Bytes(CertificateRow row)
        {
            var envelope = ReadEnvelope(row);
            return entries[envelope.PayloadDigest].ToArray() is [.., var index]
                ? Certificate.Of(envelope, new LogProof(log.Lines[index], index, nodes.Inclusion(index), log.Head.ToString())).ToBytes()
                : throw Contradicted(row);
        }
    }

    // Numbers of requests of whose certificates a file is not there. The folder is read once, not asked for each file.
    private static IEnumerable<long> Missing(Store store)
    {
        var present = Directory.Exists(store.Layout.Certificates) ? Directory.EnumerateFiles(store.Layout.Certificates).ToHashSet(StringComparer.Ordinal) : [];
        return store.Manifest.Certificates.Keys().Where(key => !present.Contains(PathOf(store, key.RequestId, key.Form))).Select(key => key.Request);
    }

    // Numbers of requests of whose certificates a file is missing, damaged or not the newest.
    private static IEnumerable<long> Damaged(Store store)
    {
        const int AtOnce = 500;
        return store.Manifest.Certificates.Keys().Select(key => key.Request).Distinct().Chunk(AtOnce)
            .SelectMany(some => store.Manifest.Certificates.Of(some).Where(row => !IsIntact(store, row)).Select(row => row.Request));
    }

    /// <summary>Whether the file of a certificate is whole, says what is recorded, and proves that the log holds it.</summary>
    internal static bool IsIntact(Store store, CertificateRow row)
    {
        var path = PathOf(store, row);
        try
        {
            var (bytes, recorded) = (File.ReadAllBytes(path), ReadEnvelope(row));
            var certificate = Certificate.Read(bytes);
            return bytes.AsSpan().SequenceEqual(Certificate.Of(recorded, certificate.Log).ToBytes()) && certificate.IsLogged();
        }
        catch (Exception e) when (e is IOException or EvidenceException or StoreException)
        {
            return false;
        }
    }

    /// <summary>Where the file of a certificate is.</summary>
    internal static string PathOf(Store store, CertificateRow row) => PathOf(store, row.RequestId, row.Form);

    private static string PathOf(Store store, string request, string form) => store.Layout.Certificate(request, form == KebabName.Of(CertificateForm.Public) ? string.Empty : form);

    private static Envelope ReadEnvelope(CertificateRow row)
    {
        try
        {
            return JsonSerializer.Deserialize<Envelope>(row.Envelope, RecipeJson.Options) ?? throw Contradicted(row);
        }
        catch (JsonException)
        {
            throw Contradicted(row);
        }
    }

    private static StoreException Contradicted(CertificateRow row) =>
        new($"The {row.Form} statement of request '{row.RequestId}' in the manifest is damaged: the evidence log does not hold it.", "Its file in 'certificates/' may be intact. Keep that file, and restore the whole store folder from one backup.");
}
