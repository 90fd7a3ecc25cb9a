using System.Text;
using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Records;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;

namespace Sisa.Serving.Exporting;

/// <summary>Writes a deployable folder: weights and configuration per constituent, what the aggregator needs, a model card.</summary>
public static class EnsembleExport
{
    /// <summary>Writes what is served now, and registers the folder for recall.</summary>
    /// <param name="store">The store.</param>
    /// <param name="folder">The folder; must not exist.</param>
    /// <param name="guide">How the folder says that it is used.</param>
    /// <returns>The description of the folder.</returns>
    /// <exception cref="NotFoundException">Nothing is served.</exception>
    public static EnsembleManifest Write(Store store, string folder, HandoutGuide guide)
    {
        var query = new ServedBundleQuery(store);
        var served = query.Require(query.Look());
        return Handout.Write(store, folder, served.Epoch, served.Checkpoints.Select(c => c.Place), partial => WriteFolder(store, served, guide, partial), ownerOnly: false);
    }

    private static EnsembleManifest WriteFolder(Store store, ServedCheckpoints served, HandoutGuide guide, string folder)
    {
        var recipe = store.Recipe with { Evaluation = new EvaluationOptions() };
        BaseCopy.Write(recipe, Path.Combine(folder, BaseFiles.FolderName));
        var constituents = served.Checkpoints.Select(c => WriteConstituent(store, c, recipe, folder)).ToArray();
        var manifest = new EnsembleManifest(EnsembleManifest.FormatName, served.Epoch, recipe, constituents);
        DurableFile.Write(Path.Combine(folder, EnsembleManifest.FileName), JsonSerializer.SerializeToUtf8Bytes(manifest, DocumentJson.Options));
        DurableFile.Write(Path.Combine(folder, "README.md"), Encoding.UTF8.GetBytes(ModelCard.Of(manifest, store, guide)));
        ExportSums.Write(folder);
        return manifest;
    }

    private static ExportedConstituent WriteConstituent(Store store, CheckpointRecord record, Recipe recipe, string folder)
    {
        var name = record.Place.Shard.ToString();
        var own = Path.Combine(folder, name);
        DurableFile.CreateFolder(own);
        using var checkpoint = CheckpointFile.Read(store.Layout.Absolute(record.File), record.Digest);

        // Export only weights: optimizer state is for training, and answering needs no lineage.
        if (PublishedWeights.Of(recipe) is { } published)
        {
            return WriteOpenWeights(own, name, record, recipe, published, checkpoint);
        }

        var tensors = checkpoint.Tensors
            .Where(t => !t.Name.StartsWith("optimizer.", StringComparison.Ordinal))
            .Select(t => new TensorEntry(t.Name, t.Type, t.Shape, checkpoint.Data(t.Name)))
            .ToArray();
        var written = CheckpointFile.Write(own, "model-", [new("format", "sisa-constituent-1"), new("shard", $"{record.Place.Shard.Value}")], tensors);
        DurableFile.Write(
            Path.Combine(own, "config.json"),
            JsonSerializer.SerializeToUtf8Bytes(new { recipe.Task, recipe.Model, recipe.Features, recipe.Labels, record.Place.Shard, Items = record.ItemCount }, DocumentJson.Options));
        return new ExportedConstituent(record.Place.Shard, $"{name}/{written.FileName}", written.Digest, record.ItemCount);
    }

    // Write a folder that other tools load: weights under their names, with configuration and tokenizer.
    private static ExportedConstituent WriteOpenWeights(
        string folder, string name, CheckpointRecord record, Recipe recipe, IReadOnlyList<PublishedTensor> published, CheckpointContent checkpoint)
    {
        var model = (SequenceModelOptions)recipe.Model;
        TensorEntry[] tensors =
        [
            .. published.Select(t => new TensorEntry(t.Name, "F32", t.Shape, checkpoint.Data(t.Parameter).Slice(checked((int)(t.FirstElement * sizeof(float))), checked((int)(t.Count * sizeof(float)))))),
        ];
        var written = CheckpointFile.Write(folder, _ => PublishedWeights.FileName(model), [new("format", "pt")], tensors);
        DurableFile.Write(Path.Combine(folder, OpenWeightsConfig.FileName(model)), JsonSerializer.SerializeToUtf8Bytes(OpenWeightsConfig.Of(model, recipe.Task, $"../{BaseFiles.FolderName}"), DocumentJson.Options));
        WriteTokenizer(folder, recipe, model);
        return new ExportedConstituent(record.Place.Shard, $"{name}/{written.FileName}", written.Digest, record.ItemCount);
    }

    // An adapter is read with its base, which has the tokenizer. Of tiktoken's encodings there are no files.
    private static void WriteTokenizer(string folder, Recipe recipe, SequenceModelOptions model)
    {
        if (model is AdapterOptions)
        {
            return;
        }

        if (model.TokenizerKind == TokenizerKind.Bytes)
        {
            DurableFile.Write(Path.Combine(folder, OpenWeightsFolder.ByteTokenizerFile), Encoding.UTF8.GetBytes(OpenWeightsFolder.ByteTokenizerContent));
        }
        else if (model.NeedsFiles)
        {
            // The configuration beside a tokenizer belongs to another model, which may have other sizes.
            foreach (var name in OpenWeightsFolder.Files(recipe.BaseFolder!, wantsWeights: false).Where(name => name != OpenWeightsConfig.FileName(model)))
            {
                DurableFile.Copy(Path.Combine(recipe.BaseFolder!, name), Path.Combine(folder, name));
            }
        }
    }
}
