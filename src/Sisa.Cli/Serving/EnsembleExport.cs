using System.Text;
using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Cli.Terminal;
using Sisa.Engine;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Cli.Serving;

/// <summary>Writes a deployable folder: weights and configuration per constituent, what the aggregator needs, a model card.</summary>
/// <remarks>Order: everything is written into DIR.partial-PID; the export is registered for recall; DIR.partial-PID becomes DIR. A fault removes
/// DIR.partial-PID; a crash leaves a folder that nobody mistakes for an export, and at worst a registered export that is not there.</remarks>
internal static class EnsembleExport
{
    /// <summary>Where an export to a folder lies: absolute, without a separator at its end.</summary>
    public static string Target(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    public static EnsembleManifest Write(Store store, string folder)
    {
        var target = Target(folder);
        if (Directory.Exists(target) || File.Exists(target))
        {
            throw new StorageIoException($"{target} is there already.", "Name a folder that does not exist yet.");
        }

        var partial = $"{target}.partial-{Environment.ProcessId}";
        if (Directory.Exists(partial))
        {
            throw new StorageIoException($"{partial} is there already.", "It is what an interrupted export left behind; remove it.");
        }

        // Read before the checkpoints, so that a change meanwhile is noticed.
        var epoch = store.Manifest.Settings.Epoch;
        var checkpoints = Served(store);
        try
        {
            DurableFile.CreateFolder(partial);
            var manifest = WriteFolder(store, epoch, checkpoints, partial);
            Register(store, target, epoch, checkpoints);
            Publish(partial, target);
            return manifest;
        }
        catch
        {
            // Weights that something was asked to be forgotten from must not be left lying about.
            Remove(partial);
            throw;
        }
    }

    private static CheckpointRecord[] Served(Store store)
    {
        if (store.Manifest.Settings["suspended"] is not null)
        {
            throw new NotFoundException("The ensemble is suspended until a request to forget is served; nothing is exported meanwhile.", "Run 'sisa train', or wait for the process that does.");
        }

        var served = store.Manifest.Bundle.Served();
        var checkpoints = store.Manifest.Checkpoints.All().Where(c => served.TryGetValue(c.Place.Shard, out var digest) && digest == c.Digest).ToArray();
        return checkpoints.Length > 0
            ? checkpoints
            : throw new NotFoundException("Nothing is served that could be exported.", "Run 'sisa train' first.");
    }

    private static EnsembleManifest WriteFolder(Store store, long epoch, CheckpointRecord[] checkpoints, string folder)
    {
        var recipe = store.Recipe with { Evaluation = new EvaluationOptions() };
        var constituents = checkpoints.Select(c => WriteConstituent(store, c, recipe, folder)).ToArray();
        var manifest = new EnsembleManifest(EnsembleManifest.FormatName, epoch, recipe, constituents);
        DurableFile.Write(Path.Combine(folder, EnsembleManifest.FileName), JsonSerializer.SerializeToUtf8Bytes(manifest, Output.JsonOptions));
        DurableFile.Write(Path.Combine(folder, "README.md"), Encoding.UTF8.GetBytes(ModelCard.Of(manifest, store)));
        return manifest;
    }

    private static void Register(Store store, string target, long epoch, CheckpointRecord[] checkpoints) => store.Manifest.Write(() =>
    {
        // What was read may have been taken out of service meanwhile; then it must not leave the house.
        if (store.Manifest.Settings.Epoch != epoch)
        {
            throw new StoreBusyException("The bundle changed while it was exported; nothing was exported.", "Run the same command again.");
        }

        store.Manifest.Exports.Add(target, epoch, store.Now, checkpoints.Select(c => c.Place));
        store.RecordExport();
    });

    private static void Publish(string partial, string target)
    {
        try
        {
            Directory.Move(partial, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("rename into place", target, e);
        }

        DurableFile.FlushFolder(Path.GetDirectoryName(target)!);
    }

    private static void Remove(string partial)
    {
        try
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The fault that ended the export is the one to report; the name of the folder says what it is.
        }
    }

    private static ExportedConstituent WriteConstituent(Store store, CheckpointRecord record, Recipe recipe, string folder)
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
