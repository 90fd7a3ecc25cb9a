using System.Text.Json;
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
        var rows = store.Manifest.Certificates.All().Where(row => issued.Contains(row.Request) || !File.Exists(PathOf(store, row))).ToArray();
        if (rows.Length == 0)
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
            var index = entries[envelope.PayloadDigest].Last();
            var certificate = Certificate.Of(envelope, new LogProof(log.Lines[index], index, nodes.Inclusion(index), log.Head.ToString()));
            DurableFile.Write(PathOf(store, row), certificate.ToBytes());
        }
    }

    private static string PathOf(Store store, CertificateRow row) => store.Layout.Certificate(row.RequestId, row.Form == KebabName.Of(CertificateForm.Public) ? string.Empty : row.Form);

    private static Envelope ReadEnvelope(CertificateRow row) =>
        JsonSerializer.Deserialize<Envelope>(row.Envelope, RecipeJson.Options) ?? throw new StoreException($"The statement of request '{row.RequestId}' is 'null'.", "Restore the manifest from a backup.");
}
