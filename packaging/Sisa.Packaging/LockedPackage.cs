namespace Sisa.Packaging;

/// <summary>One package that a lock file names, with what its own files say about it.</summary>
/// <param name="Id">Package id.</param>
/// <param name="Version">Version.</param>
/// <param name="ContentHash">SHA-512 of the package's content, base64, as the lock file has it; empty for a project of this repository.</param>
/// <param name="Dependencies">Ids of the packages that it asks for.</param>
/// <param name="Nuspec">What the package says of itself; <see langword="null"/> for a project of this repository.</param>
internal sealed record LockedPackage(string Id, string Version, string ContentHash, IReadOnlyList<string> Dependencies, Nuspec? Nuspec)
{
    /// <summary>Package URL, the name of a package across tools.</summary>
    public string Purl => $"pkg:nuget/{Id}@{Version}";
}
