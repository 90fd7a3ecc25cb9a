using System.Text;

namespace Sisa.Packaging;

/// <summary>Third-party notices: who made what a package brings or asks for, under which licence, with the texts.</summary>
internal static class Notices
{
    private static readonly string Line = new('-', 80);

    /// <summary>Writes the notices of one package of this repository.</summary>
    /// <param name="project">Name of the package.</param>
    /// <param name="packages">All packages that it needs when it runs.</param>
    /// <param name="inside">Licences of what lies among this repository's own files: heading and text.</param>
    public static string Write(string project, IReadOnlyList<LockedPackage> packages, IReadOnlyList<(string Heading, string Text)> inside)
    {
        var foreign = packages.Where(package => package.Nuspec is not null).ToList();
        var text = new StringBuilder($"{project} uses software of third parties. Each entry names a package, its version, its licence and its copyright.\nThe licences and notices follow; each text stands once.\n\n");
        foreach (var package in foreign)
        {
            text.Append($"{package.Id} {package.Version} | {package.Nuspec!.Licence} | {(package.Nuspec.Copyright.Length > 0 ? package.Nuspec.Copyright : package.Nuspec.Authors)}\n");
        }

        // Many packages of one maker carry the same files.
        foreach (var group in foreign.SelectMany(Texts).Concat(inside).GroupBy(entry => entry.Text, StringComparer.Ordinal))
        {
            text.Append($"\n{Line}\n{string.Join('\n', group.Select(entry => entry.Heading))}\n{Line}\n\n{group.Key}\n");
        }

        return text.ToString();
    }

    // A package without a licence file gets the standard text of the licence that it names; of a choice, the first whose text is here.
    private static IEnumerable<(string Heading, string Text)> Texts(LockedPackage package)
    {
        foreach (var (name, text) in package.Nuspec!.Texts)
        {
            yield return ($"{package.Id} {package.Version}, {name}", text);
        }

        if (package.Nuspec.IsExpression && !package.Nuspec.Texts.Any(text => Path.GetFileName(text.Name).StartsWith("LICEN", StringComparison.OrdinalIgnoreCase)))
        {
            yield return ($"{package.Id} {package.Version}", Standard(package.Nuspec.Licence.Split(" OR ")));
        }
    }

    private static string Standard(string[] licences)
    {
        using var stream = licences.Select(licence => typeof(Notices).Assembly.GetManifestResourceStream($"licences/{licence}.txt")).FirstOrDefault(found => found is not null)
            ?? throw new FileNotFoundException($"There is no text of the licence {licences[0]}. Add packaging/licences/{licences[0]}.txt.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Trim();
    }
}
