using Sisa.Checkpoints;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;

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
/// <param name="keys">The signing keys.</param>
/// <param name="patience">How long to wait for a store that another process holds.</param>
public sealed class Certifier(Store store, KeyRing keys, TimeSpan patience)
{
    private const int BytesAtOnce = 64 << 20;
    private const int BytesOfStatement = 8 << 10;
    private const int BytesOfStage = 400;

    private readonly CertificateFiles _files = new(store);

    /// <summary>Requests that share transactions and a flush. By default thousands, or fewer if the lineage in the auditor's form is long, so that a batch stays below some hundred megabytes.</summary>
    public int BatchSize { get; init; } = Math.Clamp(BytesAtOnce / (BytesOfStatement + (BytesOfStage * store.Recipe.Ensemble.Shards * store.Recipe.Ensemble.Slices)), 64, 4096);

    /// <summary>Threads that sign and make files at once. By default one a processor; with one, nothing is done beside the recording.</summary>
    public int Degree { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether there is something to certify, or a file to write.</summary>
    /// <param name="store">The store.</param>
    public static bool IsNeeded(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Manifest.Requests.UncertifiedCount > 0 || new CertificateFiles(store).Missing().Any();
    }

    /// <summary>Whether a recorded certificate's file, or the signed head of the log, is missing or damaged.</summary>
    /// <param name="store">The store.</param>
    public static bool IsDamaged(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return StoredHead.Of(store).Fault is not null || new CertificateFiles(store).Damaged().Any();
    }

    /// <summary>Certifies every request that is purged or found nothing, and writes missing files.</summary>
    /// <param name="mends">Whether every file is checked, and written again if it is damaged.</param>
    /// <param name="cancellation">Stops between batches; a later call goes on behind the last one.</param>
    /// <returns>Names of the requests certified now.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<string> Run(bool mends = true, CancellationToken cancellation = default)
    {
        using var held = Hold();
        return Issue(store.Manifest.Requests.Uncertified(), new CertifiedRerun(RerunKind.None), mends, cancellation);
    }

    /// <summary>Issues the certificates again that name no rerun yet, after one has found everything equal.</summary>
    /// <param name="rerun">The comparison.</param>
    /// <param name="cancellation">Stops between batches; a later call goes on behind the last one.</param>
    /// <returns>Names of the requests whose certificates say so now.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<string> Run(CertifiedRerun rerun, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rerun);
        using var held = Hold();
        var verified = store.Manifest.Certificates.All()
            .Where(row => ErasureStatement.Read(CertificateFiles.Envelope(row).Payload).Predicate.Rerun.Kind != RerunKind.None)
            .Select(row => row.Request)
            .ToHashSet();
        return Issue([.. store.Manifest.Requests.All().Where(r => r.State is RequestState.Purged or RequestState.Certified && !verified.Contains(r.Number))], rerun, mends: true, cancellation);
    }

    /// <summary>Issues certificates again that name an earlier bundle, because a later request replaced the checkpoints that they name.</summary>
    /// <param name="cancellation">Stops between batches; a later call goes on behind the last one.</param>
    /// <returns>Names of the requests whose certificates now name the current bundle. They claim no rerun, because its training was not repeated yet.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<string> Renew(CancellationToken cancellation = default)
    {
        using var held = Hold();
        return Issue(Outdated(store), new CertifiedRerun(RerunKind.None), mends: true, cancellation);
    }

    /// <summary>Certified requests whose certificates name an earlier bundle. Requests that found nothing are about the corpus of their time and are never renewed.</summary>
    /// <param name="store">The store.</param>
    public static RequestRow[] Outdated(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var served = BundleDigest.Of(store.Manifest.Bundle.Served());
        var outdated = store.Manifest.Certificates.All()
            .Where(row => ErasureStatement.Read(CertificateFiles.Envelope(row).Payload).Subject is not [{ Digest.Sha256: var bundle }, ..] || bundle != served)
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

    private List<string> Issue(IReadOnlyList<RequestRow> requests, CertifiedRerun rerun, bool mends, CancellationToken cancellation)
    {
        var known = requests.Count > 0 ? store.Log.RequireOwnHead() : null;
        var signed = Record(requests, rerun, cancellation);
        var issued = requests.Select(r => r.Number).ToHashSet();
        var others = mends ? _files.Damaged() : _files.Missing();
        WriteFiles([.. issued, .. others.Where(number => !issued.Contains(number)).Distinct()], signed, known, cancellation);
        return [.. requests.Select(r => r.Id)];
    }

    // Answers the requests that were signed.
    private HashSet<long> Record(IReadOnlyList<RequestRow> requests, CertifiedRerun rerun, CancellationToken cancellation)
    {
        var signed = new HashSet<long>();
        using var signers = new StatementSigners(keys.Certificate);
        var batches = requests.Chunk(BatchSize).Select(batch => Unsigned(batch, rerun)).Where(fresh => fresh.Length > 0).Select(fresh => (Fresh: fresh, Statements: new StatementBuilder(store, keys, fresh)));
        Pipelined.Run(
            batches,
            batch => (batch.Fresh, Issued: signers.Sign(batch.Fresh, (request, form) => batch.Statements.Make(request, form, rerun), Degree)),
            batch =>
            {
                store.Manifest.Write(() =>
                {
                    store.Manifest.Certificates.Set(batch.Issued.Select(i => i.Row));
                    store.Log.Record(LogEvent.Certified, batch.Issued.Select<SignedStatement, Func<LogEntry, LogEntry>>(i => entry => entry with { Request = i.Row.RequestId, Payload = i.Payload }));
                });
                signed.UnionWith(batch.Fresh.Select(r => r.Number));
            },
            Degree,
            cancellation);
        return signed;
    }

    // A purged request that has its statements was left by a crash before its files were durable: they are written, and nothing is signed again.
    private RequestRow[] Unsigned(RequestRow[] batch, CertifiedRerun rerun)
    {
        if (rerun.Kind != RerunKind.None)
        {
            return batch;
        }

        var left = store.Manifest.Certificates.Among(batch.Where(r => r.State == RequestState.Purged).Select(r => r.Number));
        return [.. batch.Where(r => !left.Contains(r.Number))];
    }

    // A complete file that was not signed now stays as it is.
    private void WriteFiles(IReadOnlyList<long> requests, HashSet<long> signed, LogHistory? known, CancellationToken cancellation)
    {
        if (requests.Count == 0 && StoredHead.Of(store).Fault is null)
        {
            return;
        }

        var proofs = new LogProofs(store.Log.Seal(keys.Log, known));
        DurableFile.CreateFolder(store.Layout.Certificates);
        Pipelined.Run(
            requests.Chunk(BatchSize).Select(batch => (Requests: batch, Rows: store.Manifest.Certificates.Of(batch))),
            batch =>
            {
                _files.Write(batch.Rows, proofs, row => signed.Contains(row.Request), Degree);
                return batch.Requests;
            },
            batch => store.Manifest.Write(() => store.Manifest.Requests.MarkCertified(batch)),
            Degree,
            cancellation);
    }
}
