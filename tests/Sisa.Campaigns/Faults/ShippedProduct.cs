using System.Collections.Concurrent;
using Sisa.Campaigns.Real;
using Sisa.TestKit;

namespace Sisa.Campaigns.Faults;

/// <summary>The program as it is shipped: command line, workers, libtorch.</summary>
public sealed class ShippedProduct : IProduct
{
    private readonly ConcurrentDictionary<string, string[]> _expected = new(StringComparer.Ordinal);

    /// <summary>Its recipe, as a file holds it.</summary>
    public const string Recipe = """
        name: small
        corpus: { fields: { id: id, subject: author, text: text, label: label } }
        labels: [red, green, blue]
        features: { text: { buckets: 512 } }
        ensemble: { shards: 2, slices: 2 }
        model: { kind: text-classifier, width: 8 }
        training: { epochs: 3, batchSize: 4 }
        """;

    /// <inheritdoc/>
    public SubjectResult Start(string folder, FaultPlan plan, IReadOnlyList<string> arguments, string? trace = null) =>
        SubjectRun.Start(SisaRun.Program, folder, plan, arguments, trace);

    /// <inheritdoc/>
    public SubjectResult Repeat(string folder, IReadOnlyList<string> arguments) => Start(folder, FaultPlan.None, arguments);

    /// <inheritdoc/>
    public bool HasReceived(string said) => said.Contains("Request later is received", StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Recover(string folder) => Do(folder, "recover", "--wait", "60");

    /// <inheritdoc/>
    public void Train(string folder) => Do(folder, "train", "--wait", "60", "--workers", "1");

    /// <inheritdoc/>
    public IReadOnlyList<string> Differences(string folder)
    {
        var ids = StoreFiles.Rows(folder, "SELECT id FROM item ORDER BY id").Select(r => (string)r[0]).ToArray();
        var expected = _expected.GetOrAdd(string.Join(' ', ids), _ => FromNothing(ids, Path.Combine(folder, "keys", "assignment.key")));
        return [.. expected.Except(Digests(folder)).Concat(Digests(folder).Except(expected))];
    }

    /// <summary>Runs a verb that must succeed.</summary>
    public void Do(string folder, string verb, params string[] arguments)
    {
        var result = Repeat(folder, [verb, "--store", folder, .. arguments]);
        CampaignCase.Demand(result.ExitCode == 0, $"'{verb} {string.Join(' ', arguments)}' ends with {result.ExitCode}: {result.Errors}");
    }

    private static string[] Digests(string folder) => [.. StoreFiles.Rows(folder, "SELECT shard, stage, digest FROM checkpoint ORDER BY shard, stage").Select(r => $"{r[0]}/{r[1]} {r[2]}")];

    private string[] FromNothing(string[] ids, string key)
    {
        using var folder = new TempFolder();
        var store = folder["store"];
        Do(store, "init", "--recipe", folder.Write("sisa.yaml", Recipe), "--assignment-key", key);
        Do(store, "ingest", TestRow.Write(folder["rows.jsonl"], ids.Select(Scene.Row)));
        Train(store);
        return Digests(store);
    }
}
