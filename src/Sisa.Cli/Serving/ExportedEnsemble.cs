using System.Text;
using System.Text.Json;
using Sisa.Cli.Terminal;
using Sisa.Engine;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Cli.Serving;

/// <summary>What an exported folder says of itself, in <c>ensemble.json</c>.</summary>
/// <param name="Format">Always <c>sisa-ensemble-1</c>.</param>
/// <param name="Epoch">Epoch of the bundle that was exported.</param>
/// <param name="Recipe">The recipe, without what only training needs to know of people's machines.</param>
/// <param name="Constituents">The constituents.</param>
internal sealed record EnsembleManifest(string Format, long Epoch, Recipe Recipe, IReadOnlyList<ExportedConstituent> Constituents)
{
    public const string FormatName = "sisa-ensemble-1";
    public const string FileName = "ensemble.json";
}

/// <summary>An exported constituent.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="File">Path of its weights within the folder.</param>
/// <param name="Digest">SHA-256 of that file.</param>
/// <param name="Items">Items that it saw.</param>
internal sealed record ExportedConstituent(ShardId Shard, string File, Digest Digest, long Items);

/// <summary>Writes a deployable folder: weights and configuration per constituent, what the aggregator needs, a model card.</summary>
/// <remarks>Order: everything is written into DIR.partial-PID; the export is registered for recall; DIR.partial-PID becomes DIR. A crash leaves a
/// folder that nobody mistakes for an export, and at worst a registered export that is not there.</remarks>
internal static class EnsembleExport
{
    public static EnsembleManifest Write(Store store, string folder)
    {
        var target = Path.GetFullPath(folder);
        if (Directory.Exists(target) || File.Exists(target))
        {
            throw new StorageIoException($"{target} is there already.", "Name a folder that does not exist yet.");
        }

        var partial = $"{target}.partial-{Environment.ProcessId}";
        if (Directory.Exists(partial))
        {
            throw new StorageIoException($"{partial} is there already.", "It is what an interrupted export left behind; remove it.");
        }

        var epoch = store.Manifest.Settings.Epoch;
        DurableFile.CreateFolder(partial);
        var served = store.Manifest.Bundle.Served();
        var checkpoints = store.Manifest.Checkpoints.All().Where(c => served.TryGetValue(c.Place.Shard, out var digest) && digest == c.Digest).ToArray();
        if (checkpoints.Length == 0 || store.Manifest.Settings["suspended"] is not null)
        {
            throw new NotFoundException("Nothing is served that could be exported.", "Run 'sisa train' first.");
        }

        var recipe = store.Recipe with { Evaluation = new EvaluationOptions() };
        var constituents = checkpoints.Select(c => WriteConstituent(store, c, recipe, partial)).ToArray();
        var manifest = new EnsembleManifest(EnsembleManifest.FormatName, epoch, recipe, constituents);
        DurableFile.Write(Path.Combine(partial, EnsembleManifest.FileName), JsonSerializer.SerializeToUtf8Bytes(manifest, Output.JsonOptions));
        DurableFile.Write(Path.Combine(partial, "README.md"), Encoding.UTF8.GetBytes(ModelCard.Of(manifest, store)));
        store.Manifest.Write(() =>
        {
            // What was read may have been taken out of service meanwhile; then it must not leave the house.
            if (store.Manifest.Settings.Epoch != epoch)
            {
                Directory.Delete(partial, recursive: true);
                throw new StoreBusyException("The bundle changed while it was exported; nothing was exported.", "Run the same command again.");
            }

            store.Manifest.Exports.Add(target, epoch, store.Now, checkpoints.Select(c => c.Place));
        });
        Directory.Move(partial, target);
        DurableFile.FlushFolder(Path.GetDirectoryName(target)!);
        return manifest;
    }

    private static ExportedConstituent WriteConstituent(Store store, Sisa.Checkpoints.CheckpointRecord record, Recipe recipe, string folder)
    {
        var name = record.Place.Shard.ToString();
        var own = Path.Combine(folder, name);
        DurableFile.CreateFolder(own);
        using var checkpoint = CheckpointFile.Read(store.Layout.Absolute(record.File), record.Digest);

        // Weights alone: optimizer state is for training, and the lineage is nobody's business who only predicts.
        var tensors = checkpoint.Tensors
            .Where(t => !t.Name.StartsWith("optimizer.", StringComparison.Ordinal))
            .Select(t => new TensorEntry(t.Name, t.Type, t.Shape, checkpoint.Data(t.Name)))
            .ToArray();
        var written = CheckpointFile.Write(own, "model-", [new("format", "sisa-constituent-1"), new("shard", $"{record.Place.Shard.Value}")], tensors);
        DurableFile.Write(
            Path.Combine(own, "config.json"),
            JsonSerializer.SerializeToUtf8Bytes(new { recipe.Task, recipe.Model, recipe.Features, recipe.Labels, record.Place.Shard, Items = record.ItemCount }, Output.JsonOptions));
        return new ExportedConstituent(record.Place.Shard, $"{name}/{written.FileName}", written.Digest, record.ItemCount);
    }
}

/// <summary>An exported folder that answers without its store.</summary>
internal sealed class ExportedEnsemble : IBundleSource
{
    private readonly string _folder;
    private readonly EnsembleManifest _manifest;

    public ExportedEnsemble(string folder)
    {
        _folder = Path.GetFullPath(folder);
        var path = Path.Combine(_folder, EnsembleManifest.FileName);
        try
        {
            _manifest = JsonSerializer.Deserialize<EnsembleManifest>(File.ReadAllBytes(path), Output.JsonOptions) ?? throw new JsonException("it is 'null'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NotFoundException($"{_folder} is not an exported ensemble: {e.Message}", "Name a folder that 'sisa export' wrote.");
        }
        catch (JsonException e)
        {
            throw new StoreException($"{path} cannot be read: {e.Message}", "Export the ensemble again.", e);
        }

        if (_manifest.Format != EnsembleManifest.FormatName)
        {
            throw new StoreException($"{path} has format '{_manifest.Format}', expected '{EnsembleManifest.FormatName}'.", "Use the version of Sisa that wrote it.");
        }
    }

    public Recipe Recipe => _manifest.Recipe;

    public long Refresh(EnsembleModel ensemble)
    {
        foreach (var constituent in _manifest.Constituents)
        {
            var path = Path.GetFullPath(Path.Combine(_folder, constituent.File));
            if (!path.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new StoreException($"'{constituent.File}' is outside {_folder}.", "The folder was altered; export the ensemble again.");
            }

            ensemble.Set(constituent.Shard, new CheckpointReference(path, constituent.Digest));
        }

        return _manifest.Epoch;
    }

    public void Dispose()
    {
        // Weights are copied when they are loaded; nothing stays open.
    }
}
