using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>Keys of the models that read a text token by token: <c>decoder</c> and <c>adapter</c>.</summary>
internal static class SequenceKeys
{
    /// <summary>The keys in the file's order.</summary>
    public static IReadOnlyList<RecipeKey> All { get; } =
    [
        .. Of(RecipeSchema.Decoder),
        Decoder("layers", new IntegerValue(1, 512), "Layers.", m => m.Layers, (m, v) => m with { Layers = v }),
        Decoder("width", new IntegerValue(2, 65_536), "Width of the residual stream.", m => m.Width, (m, v) => m with { Width = v }),
        Decoder("heads", new IntegerValue(1, 1_024), "Attention heads; they divide the width, and what each gets of it is even.", m => m.Heads, (m, v) => m with { Heads = v }),
        Decoder("keyValueHeads", new IntegerValue(0, 1_024), "Heads of keys and values, each shared by several heads; 0 for as many as heads.", m => m.KeyValueHeads, (m, v) => m with { KeyValueHeads = v }),
        Decoder("hidden", new IntegerValue(0, 262_144), "Width of the feed-forward layer; 0 for 8/3 of the width, rounded up to a multiple of 32.", m => m.Hidden, (m, v) => m with { Hidden = v }),
        Decoder("tieEmbeddings", new TruthValue(), "Whether the output layer is the table of embeddings.", m => m.TieEmbeddings, (m, v) => m with { TieEmbeddings = v }),
        Decoder("ropeTheta", new NumberValue(1, 1e12), "Base of the wave lengths of rotary positions.", m => m.RopeTheta, (m, v) => m with { RopeTheta = v }),
        Decoder("normEpsilon", new NumberValue(0, 1, isMinExcluded: true), "Added to the mean square of a norm.", m => m.NormEpsilon, (m, v) => m with { NormEpsilon = v }),
        Decoder(
            "tokenizer",
            new ChoiceValue<TokenizerKind>([("bytes", TokenizerKind.Bytes), ("cl100k-base", TokenizerKind.Cl100kBase), ("o200k-base", TokenizerKind.O200kBase), ("files", TokenizerKind.Files)]),
            "How text is cut into tokens; a base brings its own.",
            m => m.Tokenizer,
            (m, v) => m with { Tokenizer = v }),
        Decoder("tokenizerFiles", new TextValue(allowed: Folder), "With tokenizer: files, the folder of vocab.json and merges.txt, or of tokenizer.model.", m => m.TokenizerFiles, (m, v) => m with { TokenizerFiles = v }),
        .. Of(RecipeSchema.Adapter),
        Adapter("rank", new IntegerValue(0, 65_536), "Rank of the updates; 0 for a head alone.", m => m.Rank, (m, v) => m with { Rank = v }),
        Adapter("alpha", new NumberValue(0, 1e6, isMinExcluded: true), "The updates are scaled by alpha / rank.", m => m.Alpha, (m, v) => m with { Alpha = v }),
        Adapter("targets", new AdapterTargetsValue(), "Layers of the base that are updated.", m => m.Targets, (m, v) => m with { Targets = v }),
    ];

    private static string Folder => "a folder, relative to the recipe";

    private static RecipeKey[] Of(string kind) =>
    [
        RecipeKey.Of(
            "model.base",
            new TextValue(allowed: Folder),
            kind == RecipeSchema.Adapter
                ? "Folder of the frozen base: config.json, model.safetensors and a tokenizer. Required; it is copied into the store, and nothing in it can be forgotten."
                : "Folder of open weights that training starts from, instead of chance; it gives the sizes and the tokenizer. It is copied into the store.",
            r => Model(r, kind)?.Base,
            (r, v) => With<SequenceModelOptions>(r, m => m with { Base = v })).For(kind),
        RecipeKey.Of(
            "model.trainedOn",
            new ChoiceValue<DataOrigin>([("public", DataOrigin.Public)]),
            "What the base and the tokenizer's files were trained on. Required where there are any: what was learnt from the corpus itself would keep what is forgotten.",
            r => Model(r, kind)?.TrainedOn,
            (r, v) => With<SequenceModelOptions>(r, m => m with { TrainedOn = v })).For(kind),
        RecipeKey.Of(
            "model.context",
            new IntegerValue(2, 1 << 17),
            "Tokens of a training window, and the most that the model looks back at.",
            r => Model(r, kind)?.Context,
            (r, v) => With<SequenceModelOptions>(r, m => m with { Context = v })).For(kind),
    ];

    // A key that both kinds have is written for the recipe's own kind alone.
    private static SequenceModelOptions? Model(Recipe recipe, string kind) => RecipeSchema.KindOf(recipe.Model) == kind ? (SequenceModelOptions)recipe.Model : null;

    private static RecipeKey Decoder<T>(string name, RecipeValue<T> type, string meaning, Func<DecoderOptions, object?> get, Func<DecoderOptions, T, DecoderOptions> set) =>
        RecipeKey.Of($"model.{name}", type, meaning, r => r.Model is DecoderOptions m ? get(m) : null, (r, v) => With<DecoderOptions>(r, m => set(m, v))).For(RecipeSchema.Decoder);

    private static RecipeKey Adapter<T>(string name, RecipeValue<T> type, string meaning, Func<AdapterOptions, object?> get, Func<AdapterOptions, T, AdapterOptions> set) =>
        RecipeKey.Of($"model.{name}", type, meaning, r => r.Model is AdapterOptions m ? get(m) : null, (r, v) => With<AdapterOptions>(r, m => set(m, v))).For(RecipeSchema.Adapter);

    private static Recipe With<T>(Recipe recipe, Func<T, T> change)
        where T : ModelOptions => recipe with { Model = change((T)recipe.Model) };
}

/// <summary>Layers of a base, as its files name them.</summary>
internal sealed class AdapterTargetsValue : RecipeValue<IReadOnlyList<AdapterTarget>>
{
    private static readonly string[] _names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
    private readonly TextListValue _texts = new($"a list of {string.Join(", ", _names)}, each once", _names.Length, acceptsSingle: true);

    /// <inheritdoc/>
    public override string Allowed => _texts.Allowed;

    /// <inheritdoc/>
    public override bool TryRead(RecipeNode node, string key, RecipeFaults faults, out IReadOnlyList<AdapterTarget> value)
    {
        value = [];
        if (!_texts.TryRead(node, key, faults, out var texts))
        {
            return false;
        }

        if (texts.Any(text => !_names.Contains(text)))
        {
            return Refuse(node, key, faults);
        }

        // In the order of the model, whatever the order of the file: what is equal has one digest.
        value = [.. texts.Select(text => (AdapterTarget)Array.IndexOf(_names, text)).Order()];
        return true;
    }

    /// <inheritdoc/>
    public override WrittenValue Write(IReadOnlyList<AdapterTarget> value) => _texts.Write([.. value.Select(target => _names[(int)target])]);
}
