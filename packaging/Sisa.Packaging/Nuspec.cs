using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sisa.Packaging;

/// <summary>What a package says of itself: licence, authors, and the notices among its files.</summary>
/// <param name="Authors">Who made it.</param>
/// <param name="Copyright">Its copyright line; may be empty.</param>
/// <param name="Licence">SPDX expression, or the name of the licence file in the package.</param>
/// <param name="IsExpression">Whether <paramref name="Licence"/> is an SPDX expression.</param>
/// <param name="IsDevelopmentOnly">Whether only builds use it: an analyzer.</param>
/// <param name="Texts">Licences and notices that the package carries: name in the package and text, by name.</param>
internal sealed partial record Nuspec(string Authors, string Copyright, string Licence, bool IsExpression, bool IsDevelopmentOnly, IReadOnlyList<(string Name, string Text)> Texts)
{
    /// <summary>Reads an unpacked package.</summary>
    /// <param name="folder">Folder of the package in the package cache.</param>
    public static Nuspec Read(string folder)
    {
        var metadata = XDocument.Load(Directory.EnumerateFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
        var licence = Element(metadata, "license");
        return licence is null
            ? throw new InvalidDataException($"The package in {folder} names no licence.")
            : new Nuspec(
                Element(metadata, "authors")?.Value.Trim() ?? string.Empty,
                Element(metadata, "copyright")?.Value.Trim() ?? string.Empty,
                licence.Value.Trim(),
                licence.Attribute("type")?.Value == "expression",
                Element(metadata, "developmentDependency")?.Value.Trim() == "true",
                [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Where(path => NoticePattern().IsMatch(Path.GetFileName(path)))
                    .Select(path => (Name: Path.GetRelativePath(folder, path).Replace('\\', '/'), Text: File.ReadAllText(path).ReplaceLineEndings("\n").Trim()))
                    .OrderBy(text => text.Name, StringComparer.Ordinal)]);
    }

    private static XElement? Element(XElement metadata, string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name);

    [GeneratedRegex(@"^(licen[cs]e|notice|copying|third-?party-?notice)[^/]*?(\.(txt|md))?$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoticePattern();
}
