namespace Sisa.Readers.OpenWeights;

/// <summary>Which files of a folder hold weights.</summary>
internal static class WeightFiles
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const int MaxShards = 10_000;

    // What is counted there changes nothing.
    private static readonly KnownKeys Keys = new("which weights are read") { Used = ["weight_map"], Harmless = ["metadata"] };

    /// <summary>Names of the files: one, or an index and the files that it names.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">There are none, or only such as could run code, or the index names what it may not.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        if (FolderFile.IsThere(folder, Single))
        {
            return [Single];
        }

        if (FolderFile.IsThere(folder, Index))
        {
            return [Index, .. Shards(folder)];
        }

        if (Pickle(folder) is { } pickle)
        {
            throw new OpenWeightsException(
                $"{folder} holds weights as {pickle} and no {Single}. This is Python's pickle, which can run any code when it is read, so Sisa never reads it.",
                "Choose weights that are published as safetensors. If you trust these, convert them: with transformers, save_pretrained(DIR, safe_serialization=True).");
        }

        throw new OpenWeightsException($"{folder} holds no {Single} and no {Index}.", "Name a directory of open weights with safetensors, as Hugging Face offers them.");
    }

    /// <summary>Tensors and the files that the index says they are in; <see langword="null"/> if one file holds all of them.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">The index is malformed, or has a key that is not known.</exception>
    public static IReadOnlyDictionary<string, string>? Map(string folder)
    {
        if (FolderFile.IsThere(folder, Single))
        {
            return null;
        }

        var index = FolderFile.ReadJson(folder, Index, FolderFile.MaxTableBytes);
        Keys.RefuseOthers(index);
        var map = index.Map("weight_map") ?? throw index.Missing("weight_map", "an object of tensors and their files");
        return map.Entries.ToDictionary(entry => entry.Key, entry => map.TextOf(entry.Key, entry.Value), StringComparer.Ordinal);
    }

    private static List<string> Shards(string folder)
    {
        var index = FolderFile.ReadJson(folder, Index, FolderFile.MaxTableBytes);
        var map = index.Map("weight_map") ?? throw index.Missing("weight_map", "an object of tensors and their files");
        var names = map.Entries.Select(entry => map.TextOf(entry.Key, entry.Value)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (names.Count is 0 or > MaxShards)
        {
            throw index.Refuse("weight_map", $"a map to {Counted.Of(names.Count, "file")}", $"1 to {MaxShards} files");
        }

        foreach (var name in names)
        {
            if (!NamedPath.IsBelow(name) || name.AsSpan().ContainsAny('/', '\\') || !name.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                throw index.Refuse("weight_map", $"a map to the file {Formats.RowFault.Quote(name)}", "names of safetensors files beside the index", "An index names only files in its folder. Get it again from a source that you trust.");
            }

            if (!FolderFile.IsThere(folder, name))
            {
                throw new OpenWeightsException($"{folder} holds no {name}, which {Index} names.", "Copy the complete directory of the model, as its publisher offers it.");
            }
        }

        return names;
    }

    private static string? Pickle(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new OpenWeightsException($"There is no folder {folder}.", "Name the directory of open weights: config.json, model.safetensors and a tokenizer.");
        }

        return Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal).FirstOrDefault(name =>
            (name.StartsWith("pytorch_model", StringComparison.Ordinal) && name.EndsWith(".bin", StringComparison.Ordinal))
            || name.EndsWith(".pt", StringComparison.Ordinal) || name.EndsWith(".pth", StringComparison.Ordinal) || name.EndsWith(".ckpt", StringComparison.Ordinal));
    }
}
