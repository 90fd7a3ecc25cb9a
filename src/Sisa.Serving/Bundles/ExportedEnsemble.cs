using System.Text.Json;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Readers.Recipes;
using Sisa.Records;
using Sisa.Serving.Exporting;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Serving.Bundles;

/// <summary>An exported folder that answers without its store.</summary>
/// <remarks>The folder is untrusted: every path, digest and key in it is checked before use.</remarks>
public sealed class ExportedEnsemble : IBundleSource
{
    /// <summary>Largest description that is read: enough for thousands of constituents and for every allowed label.</summary>
    private const int MaxManifestBytes = 16 << 20;

    private readonly string _folder;
    private readonly EnsembleManifest _manifest;

    /// <summary>Opens a folder, and compares every file in it with its sum.</summary>
    /// <param name="folder">A folder that <see cref="EnsembleExport"/> wrote.</param>
    /// <exception cref="NotFoundException">It is no export.</exception>
    /// <exception cref="StoreException">It is damaged, was altered, or has a format of another version.</exception>
    public ExportedEnsemble(string folder)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var path = Path.Combine(_folder, EnsembleManifest.FileName);
        var isChecked = ExportSums.Check(_folder);
        try
        {
            _manifest = StrictJson.Read<EnsembleManifest>(ReadManifest(path), DocumentJson.Options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NotFoundException($"{_folder} is not an exported ensemble: {EnsembleManifest.FileName}: {PlainReason.Of(e)}.", $"Name a folder that {Step.Export} wrote.");
        }
        catch (JsonException e)
        {
            throw new StoreException($"{path} cannot be read: {PlainReason.Of(e)}.", "Export the ensemble again.", e);
        }

        if (_manifest.Format is not (EnsembleManifest.FormatName or EnsembleManifest.FormatWithoutSums))
        {
            throw new StoreException($"{path} has format '{_manifest.Format}', expected '{EnsembleManifest.FormatName}'.", "Use the version of Sisa that wrote it.");
        }

        if (!isChecked && _manifest.Format == EnsembleManifest.FormatName)
        {
            throw new StoreException($"The export {_folder} is damaged or was altered: {ExportSums.FileName} is missing.", $"Copy the folder again from its source, or run {Step.Export} again.");
        }

        Note = isChecked ? null : $"An earlier version of Sisa wrote the export {_folder}. Only its weights can be checked, not its other files. Exports of this version can be checked completely.";

        Recipe = Checked(_manifest.Recipe, path);
    }

    /// <inheritdoc/>
    public Recipe Recipe { get; }

    /// <summary>A note about unchecked files; <see langword="null"/> if every file was checked.</summary>
    public string? Note { get; }

    /// <inheritdoc/>
    public long Refresh(LoadedConstituents ensemble)
    {
        if (_manifest.Constituents.Count == 0)
        {
            throw new NotFoundException($"{_folder} holds no constituents, so nothing is served.", "Export a trained ensemble.");
        }

        foreach (var constituent in _manifest.Constituents)
        {
            var path = Path.Combine(_folder, constituent.File);
            if (!NamedPath.IsBelow(constituent.File) || NamedPath.LinkTo(_folder, path) is not null)
            {
                throw new StoreException($"'{constituent.File}' is outside {_folder}.", "The folder was altered. Export the ensemble again.");
            }

            Load(ensemble, constituent, path);
        }

        return _manifest.Epoch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Weights are copied when they are loaded, so no file stays open.
    }

    // The remedies for a store's checkpoints do not apply to an export.
    private void Load(LoadedConstituents ensemble, ExportedConstituent constituent, string path)
    {
        try
        {
            ensemble.Set(constituent.Shard, new CheckpointReference(path, constituent.Digest));
        }
        catch (StoreException e)
        {
            throw new StoreException($"The export {_folder} is damaged or was altered: {e.Message}", $"Copy the folder again from its source, or run {Step.Export} again.", e);
        }
    }

    private static byte[] ReadManifest(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[Math.Min(file.Length, MaxManifestBytes + 1)];
        file.ReadExactly(bytes);
        return bytes.Length <= MaxManifestBytes ? bytes : throw new MalformedJsonException($"it has more than {MaxManifestBytes} bytes");
    }

    // Apply the rules of recipe files to the recipe of an untrusted folder. It names no file of this machine.
    private static Recipe Checked(Recipe recipe, string path)
    {
        try
        {
            var parsed = RecipeReader.Parse(RecipeWriter.Write(recipe with { Evaluation = new EvaluationOptions() }));
            var resolved = OpenWeightsFolder.Reopen(parsed, Path.Combine(Path.GetDirectoryName(path)!, BaseFiles.FolderName), (recipe.Model as SequenceModelOptions)?.Files);
            return (resolved.Model as SequenceModelOptions)?.Files == (recipe.Model as SequenceModelOptions)?.Files
                ? resolved
                : throw new StoreException($"The files in {resolved.BaseFolder} are not those that {path} names.", "The folder was altered. Export the ensemble again.");
        }
        catch (RecipeException e)
        {
            throw new StoreException($"{path} holds an invalid recipe: {string.Join(' ', e.Faults)}", "The folder was altered. Export the ensemble again.", e);
        }
    }
}
