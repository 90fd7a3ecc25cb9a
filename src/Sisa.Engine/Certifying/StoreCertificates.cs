using System.Text;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Engine.Certifying;

/// <summary>The certificates of a store. Each is checked as a third party would check it: with the public keys in the store's folder.</summary>
public static class StoreCertificates
{
    /// <summary>Names of the requests that were certified, in the order of their certificates.</summary>
    /// <param name="store">The store.</param>
    public static IReadOnlyList<string> Requests(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return [.. store.Manifest.Certificates.All().Select(row => row.RequestId).Distinct()];
    }

    /// <summary>Path of a request's certificate, whether it is there or not.</summary>
    /// <param name="store">The store.</param>
    /// <param name="request">Name of the request.</param>
    /// <param name="isForAuditor">Whether the form for auditors is meant.</param>
    public static string PathOf(Store store, string request, bool isForAuditor = false)
    {
        ArgumentNullException.ThrowIfNull(store);
        return CertificateFiles.PathOf(store, request, isForAuditor ? CertificateForm.Auditor : CertificateForm.Public);
    }

    /// <summary>Checks a request's certificate.</summary>
    /// <param name="store">The store.</param>
    /// <param name="request">Name of the request.</param>
    /// <param name="isForAuditor">Whether the form for auditors is meant.</param>
    /// <exception cref="NotFoundException">There is no such request, or it has no certificate yet.</exception>
    /// <exception cref="EvidenceException">The file is no certificate at all, or the store has no public key.</exception>
    public static CertificateFindings Check(Store store, string request, bool isForAuditor = false)
    {
        ArgumentNullException.ThrowIfNull(store);
        var row = RecordedRequest.Require(store, request, Step.ListCertificates);
        var file = PathOf(store, row.Id, isForAuditor);
        return File.Exists(file)
            ? new CertificateChecker(PublicKeyFiles.OfStore(store.Layout, KeyRing.CertificateName)).Check(ForeignFile.Read(file, Certificate.MaxBytes))
            : throw new NotFoundException($"Request '{request}' is {KebabName.Of(row.State)} and has no certificate yet.", $"Run {Step.Train}.");
    }

    /// <summary>Writes a request's certificate, its page and the public key that checks it into a folder.</summary>
    /// <param name="store">The store.</param>
    /// <param name="request">Name of the request.</param>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="check">How the reader of the page checks the certificate, with FILE and KEY where the certificate and the public key belong.</param>
    /// <param name="isForAuditor">Whether the form for auditors is meant.</param>
    /// <exception cref="NotFoundException">There is no such request, or it has no certificate yet.</exception>
    /// <exception cref="StoreException">The certificate is not valid: nothing is handed over.</exception>
    public static void Export(Store store, string request, string folder, string check, bool isForAuditor = false)
    {
        var found = Check(store, request, isForAuditor);
        var file = PathOf(store, request, isForAuditor);
        if (!found.IsValid)
        {
            throw new StoreException($"Certificate {file} is not valid: {found.Faults[0]}", $"Run {Step.Recover}. It writes a damaged certificate again, and names exchanged keys.");
        }

        DurableFile.CreateFolder(folder, ownerOnly: false);
        DurableFile.Write(Path.Combine(folder, Path.GetFileName(file)), found.Verdict.Certificate.ToBytes(), ownerOnly: false);
        DurableFile.Write(Path.Combine(folder, $"{request}.html"), Encoding.UTF8.GetBytes(CertificatePage.Of(request, found.Standing, CertificatePart.Summary(found.Verdict.Statement!.Predicate), CertificatePart.Of(found.Verdict), check)), ownerOnly: false);
        DurableFile.Write(Path.Combine(folder, "certificate.pub.pem"), Encoding.UTF8.GetBytes(found.Key.Pem), ownerOnly: false);
    }
}
