using System.Text.Json;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Certifying;

/// <summary>The certificates of a store as files: where they are, whether they are whole, and how they are written.</summary>
/// <param name="store">The store. <see cref="Write"/> asks nothing of its manifest.</param>
internal sealed class CertificateFiles(Store store)
{
    /// <summary>Path of a request's certificate in a form, whether it is there or not.</summary>
    public static string PathOf(Store store, string request, CertificateForm form) => PathOf(store, request, KebabName.Of(form));

    /// <summary>Where the file of a certificate is.</summary>
    public static string PathOf(Store store, CertificateRow row) => PathOf(store, row.RequestId, row.Form);

    /// <summary>Reads a signed statement.</summary>
    /// <exception cref="StoreException">It is none.</exception>
    public static Envelope Envelope(CertificateRow row)
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

    /// <summary>Numbers of requests of whose certificates a file is not there. The folder is read once, not asked for each file.</summary>
    public IEnumerable<long> Missing()
    {
        var present = Directory.Exists(store.Layout.Certificates) ? Directory.EnumerateFiles(store.Layout.Certificates).ToHashSet(StringComparer.Ordinal) : [];
        return store.Manifest.Certificates.Keys().Where(key => !present.Contains(PathOf(store, key.RequestId, key.Form))).Select(key => key.Request);
    }

    /// <summary>Numbers of requests of whose certificates a file is missing, damaged or not the newest.</summary>
    public IEnumerable<long> Damaged()
    {
        const int AtOnce = 500;
        return store.Manifest.Certificates.Keys().Select(key => key.Request).Distinct().Chunk(AtOnce)
            .SelectMany(some => store.Manifest.Certificates.Of(some).Where(row => !IsIntact(row)).Select(row => row.Request));
    }

    /// <summary>Whether the file of a certificate is whole, says what is recorded, and proves that the log holds it.</summary>
    public bool IsIntact(CertificateRow row)
    {
        try
        {
            var (bytes, recorded) = (File.ReadAllBytes(PathOf(store, row)), Envelope(row));
            var certificate = Certificate.Read(bytes);
            return bytes.AsSpan().SequenceEqual(Certificate.Of(recorded, certificate.Log).ToBytes()) && certificate.IsLogged();
        }
        catch (Exception e) when (e is IOException or EvidenceException or StoreException)
        {
            return false;
        }
    }

    /// <summary>Writes certificates, which become durable together.</summary>
    /// <param name="rows">The certificates.</param>
    /// <param name="proofs">Where the log holds their statements.</param>
    /// <param name="isNew">Whether one is written whatever its file says; of the others, a file that is whole stays as it is.</param>
    /// <param name="degree">Threads that make their bytes.</param>
    /// <exception cref="StoreException">The log does not hold a statement.</exception>
    public void Write(IReadOnlyList<CertificateRow> rows, LogProofs proofs, Func<CertificateRow, bool> isNew, int degree)
    {
        var files = rows.AsParallel().AsOrdered().WithDegreeOfParallelism(degree)
            .Where(row => isNew(row) || !IsIntact(row))
            .Select(row => (PathOf(store, row), Bytes(row)));
        ParallelFault.Unwrap(() => DurableFile.WriteAll(store.Layout.Certificates, files.AsEnumerable()));

        byte[] Bytes(CertificateRow row)
        {
            var envelope = Envelope(row);
            return proofs.Of(envelope.PayloadDigest) is { } proof ? Certificate.Of(envelope, proof).ToBytes() : throw Contradicted(row);
        }
    }

    private static string PathOf(Store store, string request, string form) => store.Layout.Certificate(request, form == KebabName.Of(CertificateForm.Public) ? string.Empty : form);

    private static StoreException Contradicted(CertificateRow row) =>
        new($"The {row.Form} statement of request '{row.RequestId}' in the manifest is damaged: the evidence log does not hold it.", "Its file in 'certificates/' may be intact. Keep that file, and restore the whole store folder from one backup.");
}
