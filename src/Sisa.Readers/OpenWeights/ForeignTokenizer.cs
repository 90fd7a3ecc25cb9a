using Sisa.Models;
using Sisa.Readers.Tokenizers;

namespace Sisa.Readers.OpenWeights;

/// <summary>Checks the unused content of untrusted tokenizer files: it is known to change nothing, or refused by name.</summary>
/// <remarks>Meanings: the tokenizer classes of the Python package transformers, versions 4 and 5.</remarks>
internal static class ForeignTokenizer
{
    /// <summary>Name of the file that names marks once more.</summary>
    public const string MarksFile = "special_tokens_map.json";

    private const string Tokens = "the tokens of a text";

    // Classes whose own code would cut otherwise than by the files that are read here are none of them.
    private static readonly string[] ByteLevelClasses = ["GPT2Tokenizer", "GPT2TokenizerFast", "Qwen2Tokenizer", "Qwen2TokenizerFast", "GPTNeoXTokenizer", "GPTNeoXTokenizerFast", "LlamaTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend"];
    private static readonly string[] SentencePieceClasses = ["LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "CodeLlamaTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend"];

    /// <summary>Keys of <c>tokenizer_config.json</c>.</summary>
    public static KnownKeys Settings { get; } = new(Tokens)
    {
        Used = ["tokenizer_class", "bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token", "added_tokens_decoder", "add_prefix_space"],
        Harmless =
        [
            // No text becomes a mark here, whatever its name.
            "additional_special_tokens", "extra_special_tokens", "model_specific_special_tokens", "split_special_tokens", "pad_token_type_id",

            // Every text here is between the marks that the model has; nothing else is put before it.
            "add_bos_token", "add_eos_token", "legacy",

            // How the Python package makes batches and shows text.
            "model_max_length", "max_len", "max_length", "padding_side", "truncation_side", "truncation", "truncation_strategy", "padding", "pad_to_multiple_of", "stride", "model_input_names", "return_tensors",
            "clean_up_tokenization_spaces", "spaces_between_special_tokens", "errors", "chat_template", "response_schema", "use_default_system_prompt", "verbose",

            // Where the file comes from and what reads it.
            "name_or_path", "_commit_hash", "tokenizer_file", "vocab_file", "merges_file", "special_tokens_map_file", "processor_class", "use_fast", "from_slow", "trust_remote_code", "backend", "is_local", "transformers_version",
            "device_map", "torch_dtype", "add_special_tokens",
        ],
        Neutral = new Dictionary<string, string[]>
        {
            ["sp_model_kwargs"] = ["{}"],
            ["do_lower_case"] = ["false"],
            ["strip_accents"] = ["false"],
            ["remove_space"] = ["false"],
            ["auto_map"] = ["{}"],
        },
    };

    /// <summary>Refuses tokenizer files that say more than is read here, unless it is known to change nothing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="found">The tokenizer as read.</param>
    /// <exception cref="OpenWeightsException">A key is not known, or has a value that would change the tokens, or two files do not agree.</exception>
    public static void RefuseUnknown(string folder, BaseFiles found)
    {
        var marks = MarkTable.Read(folder);
        var settings = FolderFile.IsThere(folder, MarkTable.ConfigFile) ? FolderFile.ReadJson(folder, MarkTable.ConfigFile) : null;
        if (marks.Class == OpenWeightsFolder.ByteTokenizerClass)
        {
            return;
        }

        var isByteLevel = ByteLevelFiles.AreThere(folder);
        if (isByteLevel && FolderFile.IsThere(folder, SentencePieceModel.FileName))
        {
            throw new OpenWeightsException($"{folder} holds two tokenizers: {ByteLevelFiles.Vocabulary} with {ByteLevelFiles.Merges}, and {SentencePieceModel.FileName}.", "Copy the folder without the files of the tokenizer that the model does not use.");
        }

        if (marks.Added.Fault is { } fault)
        {
            throw fault;
        }

        if (settings is not null)
        {
            Settings.RefuseOthers(settings);
            RefuseClass(settings, marks, isByteLevel, FolderFile.IsThere(folder, PreTokenizerConfig.FileName));
            RefuseOtherMarks(folder, settings);
        }

        RefuseBeyond(folder, marks, found);
        if (isByteLevel)
        {
            ForeignByteLevel.RefuseUnknown(folder, marks, found);
        }
        else
        {
            ForeignSentencePiece.RefuseUnknown(folder, marks, found);
        }
    }

    private static void RefuseClass(JsonMap settings, MarkTable marks, bool isByteLevel, bool hasTokenizerJson)
    {
        var known = isByteLevel ? ByteLevelClasses : SentencePieceClasses;
        if (marks.Class is { } name && !known.Contains(name))
        {
            throw settings.Refuse("tokenizer_class", Formats.RowFault.Quote(name), string.Join(", ", known), "Choose a base with a tokenizer like those of Llama, Mistral, GPT-2 or Qwen2.");
        }

        if (!isByteLevel)
        {
            return;
        }

        if (settings.Truth("add_prefix_space", false))
        {
            throw settings.Refuse("add_prefix_space", "true", "false", "Sisa puts nothing before a text. Choose a base with a tokenizer like those of GPT-2 or Qwen2.");
        }

        // Without tokenizer.json the kind of model says where text is cut, and the class of the tokenizer must say the same.
        var cutsAsQwen2 = marks.ModelType?.StartsWith("qwen2", StringComparison.Ordinal) == true;
        if (!hasTokenizerJson && marks.Class is { } kind && kind.StartsWith("Qwen2", StringComparison.Ordinal) != cutsAsQwen2)
        {
            throw settings.Refuse("tokenizer_class", Formats.RowFault.Quote(kind), cutsAsQwen2 ? "Qwen2Tokenizer for a model_type of qwen2" : "GPT2Tokenizer, or tokenizer.json beside it", "Add tokenizer.json, which describes how text is cut. transformers writes it with AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR).");
        }
    }

    // Some versions of transformers read marks from here, and some from tokenizer_config.json.
    private static void RefuseOtherMarks(string folder, JsonMap settings)
    {
        if (!FolderFile.IsThere(folder, MarksFile))
        {
            return;
        }

        var map = FolderFile.ReadJson(folder, MarksFile);
        foreach (var key in new[] { "bos_token", "eos_token" })
        {
            if (MarkTable.TextOf(map, key) is { } text && MarkTable.TextOf(settings, key) is { } other && text != other)
            {
                throw map.Refuse(key, Formats.RowFault.Quote(text), $"{Formats.RowFault.Quote(other)}, as {MarkTable.ConfigFile} says", "Copy the complete directory of the model again, so that its files belong together.");
            }
        }
    }

    /// <summary>Refuses added tokens whose text or number the vocabulary gives to another.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="added">The added tokens.</param>
    /// <param name="vocabulary">Tokens of the vocabulary with their numbers.</param>
    /// <param name="file">Name of the file with the vocabulary.</param>
    /// <exception cref="OpenWeightsException">There is one.</exception>
    public static void RefuseTaken(string folder, AddedTokens added, IEnumerable<(string Text, int Number)> vocabulary, string file)
    {
        var byNumber = added.All.ToLookup(token => token.Number);
        foreach (var (text, number) in vocabulary)
        {
            var other = byNumber[number].FirstOrDefault(token => token.Text != text) ?? (added.Find(text) is { } same && same.Number != number ? same : null);
            if (other is not null)
            {
                throw new OpenWeightsException(
                    $"The tokenizer in {folder} adds {Formats.RowFault.Quote(other.Text)} as the token {other.Number}; {file} has {Formats.RowFault.Quote(text)} as {number}.",
                    "Copy the complete directory of the model again, so that its files belong together.");
            }
        }
    }

    private static void RefuseBeyond(string folder, MarkTable marks, BaseFiles found)
    {
        if (found.Shape is { } shape && marks.Texts(null).FirstOrDefault(token => token.Number >= shape.Vocabulary) is { } token)
        {
            throw new OpenWeightsException(
                $"The tokenizer in {folder} adds the token {token.Number} for the text {Formats.RowFault.Quote(token.Text)}; the weights beside it have {shape.Vocabulary} (vocab_size of {ModelConfig.FileName}).",
                "Put the tokenizer and the weights of one model into the folder.");
        }
    }
}
