using Sisa.Models;

namespace Sisa.Readers.OpenWeights;

/// <summary>Checks the content of an untrusted folder that Sisa does not use: it is known to change nothing, or refused by name.</summary>
/// <remarks>For the one door through which such folders come in, <c>sisa init</c>. Stores, exports and audit bundles hold files that passed it, perhaps that of an earlier version.</remarks>
internal static class ForeignFolder
{
    // Beside weights, these files change the weights, and Sisa does not read them.
    private static readonly (string Name, string Meaning, string Hint)[] Changing =
    [
        ("adapter_config.json", "an adapter; Sisa does not read it, and without it the weights are those of another model", "Merge the adapter into its base (in PEFT: merge_and_unload, then save_pretrained), or name the folder of the base."),
        ("quantize_config.json", "quantized weights", "Choose the unquantized weights, as float32, float16 or bfloat16."),
        ("quant_config.json", "quantized weights", "Choose the unquantized weights, as float32, float16 or bfloat16."),
        ("hf_quant_config.json", "quantized weights", "Choose the unquantized weights, as float32, float16 or bfloat16."),
    ];

    /// <summary>Refuses a folder with files that would change what its weights compute.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">It holds one.</exception>
    public static void RefuseChangingFiles(string folder)
    {
        foreach (var (name, meaning, hint) in Changing.Where(file => FolderFile.IsThere(folder, file.Name)))
        {
            throw new OpenWeightsException($"{folder} holds {name}: {meaning}.", hint);
        }
    }

    /// <summary>Refuses a folder that says more than is read here, unless it is known to change nothing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="found">The tokenizer as read.</param>
    /// <exception cref="OpenWeightsException">A key is not known, or has a value that would change the result, or two files do not agree.</exception>
    public static void RefuseUnknown(string folder, BaseFiles found)
    {
        if (found.Shape is not null)
        {
            ModelConfig.Read(folder).RefuseUnknown();
        }

        ForeignTokenizer.RefuseUnknown(folder, found);
    }
}
