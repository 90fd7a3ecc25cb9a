using System.Text;
using System.Text.Json;
using Sisa.Engine.Evidence;
using Sisa.Evidence;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Verifying;

/// <summary>Checks tombstones, the signed head, certificates and keys against the evidence log and one another.</summary>
/// <param name="store">The store; the caller holds its lock.</param>
internal sealed class EvidenceCheck(Store store)
{
    private readonly FaultList _faults = new();
    private readonly IReadOnlyList<string> _lines = store.Log.Lines;

    /// <summary>What is wrong; empty when nothing is.</summary>
    public IReadOnlyList<string> Run()
    {
        foreach (var fault in KeyRing.Faults(store.Layout))
        {
            _faults.AddIf(true, fault);
        }

        CheckTombstones();
        CheckHead();
        CheckCertificates();
        return _faults.All;
    }

    // The log tells what was forgotten and what was taken back, in order; what is left must be the tombstones.
    private void CheckTombstones()
    {
        var expected = new Dictionary<Digest, (string Kind, string Request)>();
        foreach (var entry in _lines.Select(LogEntry.Read))
        {
            foreach (var mark in entry.Marks ?? [])
            {
                if (entry.Event == LogEvent.Readmitted)
                {
                    expected.Remove(mark.Mark);
                }
                else
                {
                    expected[mark.Mark] = (mark.Kind, entry.Request ?? string.Empty);
                }
            }
        }

        var found = store.Manifest.Requests.Tombstones();
        var differing = expected.Count(e => !found.TryGetValue(e.Key, out var tombstone) || tombstone != e.Value) + found.Keys.Count(mark => !expected.ContainsKey(mark));
        _faults.AddIf(differing > 0, $"{differing} tombstones differ from what the evidence log records as forgotten.");
    }

    private void CheckHead()
    {
        if (store.Manifest.Certificates.All().Count == 0 && !File.Exists(store.Layout.LogHead))
        {
            return;
        }

        var keys = KeyRing.PublicKeys(store.Layout, KeyRing.LogName);
        try
        {
            var note = SignedNote.Parse(File.ReadAllText(store.Layout.LogHead));
            var head = keys.Select(key => LogCheckpoint.Open(note, key)).FirstOrDefault(opened => opened is not null);
            _faults.AddIf(head is null, $"The head of the log {store.Layout.LogHead} is not signed by a key of this store.");
            _faults.AddIf(head is not null && !IsOfThisLog(head), $"The head of the log {store.Layout.LogHead} is not that of this log.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EvidenceException)
        {
            _faults.AddIf(true, $"The head of the log {store.Layout.LogHead} cannot be read: {e.Message}");
        }
        finally
        {
            keys.ToList().ForEach(key => key.Dispose());
        }
    }

    // An earlier head is a true one too: the log only grows.
    private bool IsOfThisLog(LogCheckpoint head) =>
        head.Origin == store.Log.Origin
        && head.Size <= _lines.Count
        && MerkleTree.Root([.. _lines.Take((int)head.Size).Select(line => MerkleTree.LeafOf(Encoding.UTF8.GetBytes(line)))]) == head.Root;

    private void CheckCertificates()
    {
        var keys = KeyRing.PublicKeys(store.Layout, KeyRing.CertificateName);
        foreach (var row in store.Manifest.Certificates.All())
        {
            _faults.AddIf(!IsSigned(row), $"The {row.Form} statement about request '{row.RequestId}' is not signed by a key of this store.");
            _faults.AddIf(!Certifier.IsIntact(store, row), $"Certificate {Certifier.PathOf(store, row)} is missing, damaged or not the newest.");
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
