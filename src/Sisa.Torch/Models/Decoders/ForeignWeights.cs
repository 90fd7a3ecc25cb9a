using Sisa.Storage.Checkpoints;

namespace Sisa.Torch.Models.Decoders;

/// <summary>Checks the unused content of a base's safetensors files: it is known to change nothing, or refused by name.</summary>
internal static class ForeignWeights
{
    private const string Embeddings = "model.embed_tokens.weight";
    private const string Output = "lm_head.weight";
    private const string AnotherBase = "Give a complete copy of the model, whose config.json and weights belong together. If the model computes differently from a Llama, choose another base.";

    // Who wrote the file; those of TensorFlow and Flax have their matrices in another order.
    private static readonly string[] Formats = ["pt", "np", "mlx"];

    /// <summary>Checks the weights.</summary>
    /// <param name="weights">The files.</param>
    /// <param name="tensors">The tensors that are read.</param>
    /// <param name="index">Names of files by names of tensors, where an index says so.</param>
    /// <exception cref="StoreException">A tensor is missing, of another shape or type, not known, not in the file that the index says, or holds NaN or infinity; or the numbers of a file are in another order.</exception>
    public static void Check(WeightsFolder weights, IReadOnlyList<PublishedTensor> tensors, IReadOnlyDictionary<string, string>? index)
    {
        foreach (var tensor in tensors)
        {
            weights.Check(tensor.Name, tensor.Shape);
        }

        var known = tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in weights.Names.Where(name => !known.Contains(name) && !IsHarmless(weights, name)).Order(StringComparer.Ordinal))
        {
            var (path, shape) = weights[name];
            throw new StoreException($"{path} has a tensor '{name}' with shape [{string.Join(", ", shape)}], which config.json does not require; allowed: no unread tensors, because they may change what the model computes.", AnotherBase);
        }

        foreach (var (path, entries) in weights.Metadata)
        {
            if (entries.FirstOrDefault(entry => entry.Key == "format") is { Key: not null } format && !Formats.Contains(format.Value))
            {
                throw new StoreException($"{path} has the format '{format.Value}' in __metadata__; allowed: {string.Join(", ", Formats)}, or none.", "Choose weights in PyTorch's order: with transformers, save_pretrained(DIR) of a model that was loaded there.");
            }
        }

        CheckIndex(weights, index);
        foreach (var tensor in tensors)
        {
            weights.CheckFinite(tensor.Name, tensor.Shape);
        }
    }

    // Older files keep what rope_theta gives; where embeddings are tied, the package transformers reads them for the output too, whatever else is there.
    private static bool IsHarmless(WeightsFolder weights, string name) =>
        name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (name == Output && weights.Names.Contains(Embeddings) && weights[name].Shape.SequenceEqual(weights[Embeddings].Shape));

    private static void CheckIndex(WeightsFolder weights, IReadOnlyDictionary<string, string>? index)
    {
        if (index is null)
        {
            return;
        }

        const string Hint = "Give a complete copy of the model, whose index and weights belong together.";
        foreach (var (name, file) in index)
        {
            var found = weights.Names.Contains(name) ? Path.GetFileName(weights[name].Path) : null;
            if (found != file)
            {
                throw new StoreException($"The index of the weights says that the tensor '{name}' is in {file}; {(found is null ? "no file of the folder has it" : $"it is in {found}")}.", Hint);
            }
        }

        if (weights.Names.FirstOrDefault(name => !index.ContainsKey(name)) is { } unnamed)
        {
            throw new StoreException($"{weights[unnamed].Path} has a tensor '{unnamed}', which the index of the weights does not name.", Hint);
        }
    }
}
