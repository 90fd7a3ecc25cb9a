using System.Security.Cryptography;
using System.Text.Json;
using Sisa.Evidence;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Certifying;

/// <summary>A statement that was signed now.</summary>
/// <param name="Row">As the manifest records it.</param>
/// <param name="Payload">Digest of the signed bytes, by which the log knows it.</param>
internal sealed record SignedStatement(CertificateRow Row, Digest Payload);

/// <summary>Signs many statements at once. A key is for one thread at a time, so that each thread has a copy.</summary>
/// <remarks>Owns the copies.</remarks>
internal sealed class StatementSigners : IDisposable
{
    private static readonly CertificateForm[] Forms = Enum.GetValues<CertificateForm>();

    private readonly ECParameters _parameters;
    private readonly ThreadLocal<ECDsa> _copies;
    private readonly string _keyId;

    /// <summary>Copies a key.</summary>
    /// <param name="key">The certificate key.</param>
    public StatementSigners(ECDsa key)
    {
        _parameters = key.ExportParameters(includePrivateParameters: true);
        _copies = new(() => ECDsa.Create(_parameters), trackAllValues: true);
        _keyId = EvidenceKey.DigestOf(key).ToString();
    }

    /// <summary>Makes and signs the statements about requests, in every form.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="make">Makes a statement; thread-safe.</param>
    /// <param name="degree">Number of threads.</param>
    public SignedStatement[] Sign(RequestRow[] requests, Func<RequestRow, CertificateForm, ErasureStatement> make, int degree) =>
    [
        .. requests.AsParallel().AsOrdered().WithDegreeOfParallelism(degree).SelectMany(request => Forms.Select(form =>
        {
            var payload = make(request, form).ToPayload();
            var envelope = Envelope.Sign(payload, _copies.Value!, _keyId);
            return new SignedStatement(new CertificateRow(request.Number, request.Id, KebabName.Of(form), JsonSerializer.Serialize(envelope, RecipeJson.Options)), Digest.Of(payload));
        })),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        _copies.Values.ToList().ForEach(key => key.Dispose());
        _copies.Dispose();
        CryptographicOperations.ZeroMemory(_parameters.D);
    }
}
