using Sisa.Engine.Stores;
using Sisa.Evidence;

namespace Sisa.Engine.Certifying;

/// <summary>The result of a certification.</summary>
/// <param name="Requests">Names of the requests that have a certificate now.</param>
/// <param name="WithoutKeys">Requests that want one and got none, because the store has no signing keys.</param>
public sealed record CertificationReport(IReadOnlyList<string> Requests, int WithoutKeys)
{
    /// <summary>Nothing was to be done.</summary>
    public static CertificationReport Nothing { get; } = new([], 0);
}

/// <summary>The last step of a request: its certificate. Keys are opened only where something is to be signed.</summary>
/// <param name="store">The store.</param>
/// <param name="keys">Where the keys come from.</param>
/// <param name="patience">How long to wait for a store that another process holds.</param>
public sealed class Certification(Store store, IKeySource keys, TimeSpan patience)
{
    /// <summary>Threads that sign and make files at once. By default one a processor.</summary>
    public int Degree { get; init; } = Environment.ProcessorCount;

    /// <summary>Certifies every request that is purged or found nothing.</summary>
    /// <param name="mends">Whether every certificate is checked, and a damaged file is written again.</param>
    /// <param name="cancellation">Stops between batches; a later call goes on behind the last one.</param>
    /// <exception cref="EvidenceException">The keys cannot be opened. The requests stay purged, and a later call certifies them.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public CertificationReport Run(bool mends = false, CancellationToken cancellation = default)
    {
        if (!Certifier.IsNeeded(store) && !(mends && Certifier.IsDamaged(store)))
        {
            return CertificationReport.Nothing;
        }

        return Sign(() => (int)Math.Max(1, store.Manifest.Requests.UncertifiedCount), certifier => certifier.Run(mends, cancellation));
    }

    /// <summary>Issues certificates again that name no rerun yet.</summary>
    /// <param name="rerun">The comparison.</param>
    /// <param name="cancellation">Stops between batches; a later call goes on behind the last one.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public CertificationReport Renew(CertifiedRerun rerun, CancellationToken cancellation = default) =>
        KeyRing.Exists(store.Layout) && !store.Manifest.Certificates.IsEmpty ? Sign(() => 0, certifier => certifier.Run(rerun, cancellation)) : CertificationReport.Nothing;

    /// <summary>Issues certificates again that name an earlier bundle, so that they match the bundle that is handed out now.</summary>
    /// <param name="cancellation">Stops between batches; a later call goes on behind the last one.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public CertificationReport RenewOutdated(CancellationToken cancellation = default) => Certifier.Outdated(store).Length is > 0 and var outdated ? Sign(() => outdated, certifier => certifier.Renew(cancellation)) : CertificationReport.Nothing;

    private CertificationReport Sign(Func<int> wanted, Func<Certifier, IReadOnlyList<string>> sign)
    {
        using var ring = keys.Open(store.Layout);
        return ring is null ? new([], wanted()) : new(sign(new Certifier(store, ring, patience) { Degree = Degree }), 0);
    }
}
