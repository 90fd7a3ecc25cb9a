using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sisa.Packaging;

/// <summary>A software bill of materials: CycloneDX 1.6, JSON, without times and serial numbers, so that equal inputs give equal bytes.</summary>
internal static class Bill
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the bill of one package of this repository.</summary>
    /// <param name="project">Name of the package.</param>
    /// <param name="version">Its version.</param>
    /// <param name="packages">All packages that it needs when it runs.</param>
    /// <param name="direct">Ids of those that it asks for itself.</param>
    public static string Write(string project, string version, IReadOnlyList<LockedPackage> packages, IReadOnlyList<string> direct)
    {
        var purls = packages.ToDictionary(package => package.Id, package => package.Purl, StringComparer.OrdinalIgnoreCase);
        var self = $"pkg:nuget/{project}@{version}";
        return new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject { ["type"] = "library", ["bom-ref"] = self, ["name"] = project, ["version"] = version, ["licenses"] = Licences("Apache-2.0"), ["purl"] = self },
            },
            ["components"] = new JsonArray([.. packages.Select(Component)]),
            ["dependencies"] = new JsonArray([Edges(self, direct, purls), .. packages.Select(package => Edges(package.Purl, package.Dependencies, purls))]),
        }.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Component(LockedPackage package)
    {
        var component = new JsonObject { ["type"] = "library", ["bom-ref"] = package.Purl };
        if (package.Nuspec is { Authors.Length: > 0 } named)
        {
            component["publisher"] = named.Authors;
        }

        component["name"] = package.Id;
        component["version"] = package.Version;
        component["licenses"] = package.Nuspec is not { } nuspec ? Licences("Apache-2.0")
            : nuspec.IsExpression ? Licences(nuspec.Licence)
            : new JsonArray(new JsonObject { ["license"] = new JsonObject { ["name"] = $"{nuspec.Licence} of {package.Id} {package.Version}" } });
        if (package.Nuspec is { Copyright.Length: > 0 } claimed)
        {
            component["copyright"] = claimed.Copyright;
        }

        component["purl"] = package.Purl;
        if (package.ContentHash.Length > 0)
        {
            // The hash of a lock file leaves a signature out, so it is not the hash of the file that a registry serves.
            component["properties"] = new JsonArray(new JsonObject { ["name"] = "nuget:contentHash", ["value"] = package.ContentHash });
        }

        return component;
    }

    private static JsonArray Licences(string expression) => expression.Contains(' ', StringComparison.Ordinal)
        ? new JsonArray(new JsonObject { ["expression"] = expression })
        : new JsonArray(new JsonObject { ["license"] = new JsonObject { ["id"] = expression } });

    private static JsonObject Edges(string from, IEnumerable<string> to, Dictionary<string, string> purls) => new()
    {
        ["ref"] = from,
        ["dependsOn"] = new JsonArray([.. to.Where(purls.ContainsKey).Select(id => JsonValue.Create(purls[id])).OrderBy(purl => purl.ToString(), StringComparer.OrdinalIgnoreCase)]),
    };
}
