using System.Text.Json;
using Sisa.Engine.Certifying;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Verifying;

/// <summary>Checks tombstones, the signed head, certificates and keys against the evidence log and one another.</summary>
internal sealed class EvidenceCheck
{
    private readonly Store _store;
    private readonly FaultList _faults = new();
    private readonly IReadOnlyList<string> _lines;
    private readonly IReadOnlyDictionary<Digest, (string Kind, string Request)> _tombstones;
    private readonly bool _areKept;

    /// <summary>Looks at log and tombstones at one moment: receipt needs no lock, and adds to both.</summary>
    /// <param name="store">The store; the caller holds its lock.</param>
    public EvidenceCheck(Store store)
    {
        _store = store;
        store.Log.RequireWhole();
        (_lines, _tombstones, _areKept) = store.Manifest.Read(() => (store.Log.Lines, store.Manifest.Requests.Tombstones(), store.Manifest.Requests is { HasOwnTombstones: true } requests && requests.KeptTombstoneCount == requests.TombstoneCount));
    }

    /// <summary>The faults; empty if there are none.</summary>
    public IReadOnlyList<string> Run()
    {
        foreach (var fault in KeyRing.Faults(_store.Layout).Concat(RecordedKeys.Faults(_store)))
        {
            _faults.AddIf(true, fault);
        }

        CheckTombstones();
        CheckHead();
        CheckCertificates();
        return _faults.All;
    }

    private void CheckTombstones()
    {
        var differing = RecordedTombstones.Differing(_lines, _tombstones);
        _faults.AddIf(differing > 0, $"{differing} tombstones differ from the evidence log.");
        _faults.AddIf(differing == 0 && !_areKept, "The kept sum or number of tombstones differs from the tombstones.");
    }

    private void CheckHead()
    {
        var stored = StoredHead.Of(_store);
        _faults.AddIf(stored.Fault is not null, stored.Fault ?? string.Empty);
        _faults.AddIf(
            stored.IsOfAnother(_store.Log.Origin, new LogHistory(_lines)),
            $"The head of the log {_store.Layout.LogHead} does not belong to this log.");
    }

    private void CheckCertificates()
    {
        var keys = KeyRing.PublicKeys(_store.Layout, KeyRing.CertificateName);
        var files = new CertificateFiles(_store);
        foreach (var row in _store.Manifest.Certificates.All())
        {
            _faults.AddIf(!IsSigned(row), $"The {row.Form} statement about request '{row.RequestId}' is not signed by a key of this store.");
            _faults.AddIf(!files.IsIntact(row), $"Certificate {CertificateFiles.PathOf(_store, row)} is missing, damaged or not the newest one.");
        }

        keys.ToList().ForEach(key => key.Dispose());

        bool IsSigned(CertificateRow row)
        {
            try
            {
                return JsonSerializer.Deserialize<Envelope>(row.Envelope, RecipeJson.Options) is { } envelope && keys.Any(envelope.IsSignedBy) && ErasureStatement.Read(envelope.Payload).Predicate.Request.Id == row.RequestId;
            }
            catch (Exception e) when (e is JsonException or EvidenceException)
            {
                return false;
            }
        }
    }
}
