using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Certifying;

/// <summary>Issues certificates for purged requests, and writes their files.</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves:
/// 1. statements are made and signed — nothing has changed;
/// 2. one transaction for some hundreds of requests records them, their entries in the evidence log and the new state — the request counts as certified;
/// 3. the head of the log is signed and written, then the certificate, with its proof — the next run writes files that are missing.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="keys">What signs.</param>
/// <param name="patience">How long to wait for a store that another process holds.</param>
public sealed class Certifier(Store store, KeyRing keys, TimeSpan patience)
{
    // Many requests share a transaction, and what their statements have in common is read once.
    private const int RequestsAtOnce = 500;

    /// <summary>Whether there is something to certify, or a file to write.</summary>
    /// <param name="store">The store.</param>
    public static bool IsNeeded(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Manifest.Requests.All().Any(r => r.State == RequestState.Purged) || store.Manifest.Certificates.All().Any(row => !File.Exists(PathOf(store, row)));
    }

    /// <summary>Whether a recorded certificate's file, or the signed head of the log, is missing or damaged.</summary>
    /// <param name="store">The store.</param>
    public static bool IsDamaged(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return StoredHead.Of(store).Fault is not null || store.Manifest.Certificates.All().Any(row => !IsIntact(store, row));
    }

    /// <summary>Certifies whatever is purged, and writes the files that are missing or damaged.</summary>
    /// <returns>Names of the requests certified now.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Run()
    {
        using var held = Hold();
        return Issue([.. store.Manifest.Requests.All().Where(r => r.State == RequestState.Purged)], new CertifiedRerun(RerunKind.None));
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
        return Issue([.. store.Manifest.Requests.All().Where(r => r.State >= RequestState.Purged && !verified.Contains(r.Number))], rerun);
    }

    /// <summary>Issues the certificates again that name another bundle than the one that is served: a later request replaced the checkpoints that they name.</summary>
    /// <returns>Names of the requests whose certificates name the present bundle now. Nobody has repeated its training yet, and they say so.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Renew()
    {
        using var held = Hold();
        return Issue(Outdated(store), new CertifiedRerun(RerunKind.None));
    }

    /// <summary>Certified requests whose certificates name another bundle than the one that is served.</summary>
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

    private List<string> Issue(RequestRow[] requests, CertifiedRerun rerun)
    {
        foreach (var some in requests.Chunk(RequestsAtOnce))
        {
            var statements = new StatementBuilder(store, keys);
            var issued = some
                .SelectMany(request => Enum.GetValues<CertificateForm>().Select(form => (Request: request, Form: form, Envelope: Envelope.Sign(statements.Make(request, form, rerun).ToPayload(), keys.Certificate))))
                .ToArray();
            store.Manifest.Write(() =>
            {
                foreach (var (request, form, envelope) in issued)
                {
                    store.Manifest.Certificates.Set(request.Number, KebabName.Of(form), JsonSerializer.Serialize(envelope, RecipeJson.Options));
                    store.Log.Record(LogEvent.Certified, entry => entry with { Request = request.Id, Payload = envelope.PayloadDigest });
                }

                store.Manifest.Requests.Update([.. some.Select(request => request with { State = RequestState.Certified })]);
            });
        }

        WriteFiles(requests.Select(r => r.Number).ToHashSet());
        return [.. requests.Select(r => r.Id)];
    }

    private void WriteFiles(HashSet<long> issued)
    {
        var rows = store.Manifest.Certificates.All().Where(row => issued.Contains(row.Request) || !IsIntact(store, row)).ToArray();
        if (rows.Length == 0 && StoredHead.Of(store).Fault is null)
        {
            return;
        }

        var log = store.Log.Seal(keys.Log);
        var entries = log.Lines
            .Select((line, index) => (Entry: LogEntry.Read(line), Index: index))
            .Where(e => e.Entry is { Event: LogEvent.Certified, Payload: not null })
            .ToLookup(e => e.Entry.Payload!.Value, e => e.Index);
        var nodes = new MerkleNodes(log.Leaves);
        DurableFile.CreateFolder(store.Layout.Certificates);
        foreach (var row in rows)
        {
            var envelope = ReadEnvelope(row);
            if (entries[envelope.PayloadDigest].ToArray() is not [.., var index])
            {
                throw Damaged(row);
            }

            var certificate = Certificate.Of(envelope, new LogProof(log.Lines[index], index, nodes.Inclusion(index), log.Head.ToString()));
            DurableFile.Write(PathOf(store, row), certificate.ToBytes());
        }
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
    internal static string PathOf(Store store, CertificateRow row) => store.Layout.Certificate(row.RequestId, row.Form == KebabName.Of(CertificateForm.Public) ? string.Empty : row.Form);

    private static Envelope ReadEnvelope(CertificateRow row)
    {
        try
        {
            return JsonSerializer.Deserialize<Envelope>(row.Envelope, RecipeJson.Options) ?? throw Damaged(row);
        }
        catch (JsonException)
        {
            throw Damaged(row);
        }
    }

    private static StoreException Damaged(CertificateRow row) =>
        new($"The {row.Form} statement of request '{row.RequestId}' in the manifest is damaged: the evidence log does not hold it.", "Its file in 'certificates/' may be whole; keep it, and put the whole store folder back from one backup.");
}
