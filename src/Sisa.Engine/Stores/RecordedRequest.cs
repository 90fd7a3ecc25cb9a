using Sisa.Storage.Manifest;

namespace Sisa.Engine.Stores;

/// <summary>A request that somebody names.</summary>
internal static class RecordedRequest
{
    /// <summary>The row of a request.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">Its name.</param>
    /// <param name="list">Shows which there are.</param>
    /// <exception cref="NotFoundException">There is no such request.</exception>
    public static RequestRow Require(Store store, string name, Step list) =>
        store.Manifest.Requests.Find(name) ?? throw new NotFoundException($"There is no request '{name}'.", $"{list} shows all {(list == Step.ListCertificates ? "certificates" : "requests")}.");
}
