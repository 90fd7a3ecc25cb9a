using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes.Models;

/// <summary>Keys of <c>decoder</c>: a language model that is trained whole.</summary>
internal sealed class DecoderKeys() : SequenceKeys<DecoderOptions>(
    ModelKinds.BuiltIn.Decoder,
    "Folder of open weights from which training starts, instead of random weights. It gives the sizes and the tokenizer, and is copied into the store.")
{
    /// <inheritdoc/>
    public override IReadOnlyList<RecipeKey> Keys =>
    [
        .. Shared,
        Key("layers", new IntegerValue(1, 512), "Layers.", m => m.Layers, (m, v) => m with { Layers = v }),
        Key("width", new IntegerValue(2, 65_536), "Width of the residual stream.", m => m.Width, (m, v) => m with { Width = v }),
        Key("heads", new IntegerValue(1, 1_024), "Attention heads. They divide the width into even parts.", m => m.Heads, (m, v) => m with { Heads = v }),
        Key("keyValueHeads", new IntegerValue(0, 1_024), "Heads of keys and values, each shared by several heads; 0 for as many as heads.", m => m.KeyValueHeads, (m, v) => m with { KeyValueHeads = v }),
        Key("hidden", new IntegerValue(0, 262_144), "Width of the feed-forward layer; 0 for 8/3 of the width, rounded up to a multiple of 32.", m => m.Hidden, (m, v) => m with { Hidden = v }),
        Key("tieEmbeddings", new TruthValue(), "Whether the output layer shares the table of embeddings.", m => m.TieEmbeddings, (m, v) => m with { TieEmbeddings = v }),
        Key("ropeTheta", new NumberValue(1, 1e12), "Base of the wavelengths of rotary positions.", m => m.RopeTheta, (m, v) => m with { RopeTheta = v }),
        Key("normEpsilon", new NumberValue(0, 1, isMinExcluded: true), "Added to the mean square of a norm.", m => m.NormEpsilon, (m, v) => m with { NormEpsilon = v }),
        Key(
            "tokenizer",
            new ChoiceValue<TokenizerKind>([("bytes", TokenizerKind.Bytes), ("cl100k-base", TokenizerKind.Cl100kBase), ("o200k-base", TokenizerKind.O200kBase), ("files", TokenizerKind.Files)]),
            "How text is cut into tokens. A base has its own tokenizer.",
            m => m.Tokenizer,
            (m, v) => m with { Tokenizer = v }),
        Key("tokenizerFiles", new TextValue(allowed: Folder), "With tokenizer: files, the folder of vocab.json and merges.txt, or of tokenizer.model.", m => m.TokenizerFiles, (m, v) => m with { TokenizerFiles = v }),
    ];

    /// <inheritdoc/>
    public override ModelOptions Shown => new DecoderOptions { Base = "base", TrainedOn = DataOrigin.Public, TokenizerFiles = "tokenizer" };

    /// <inheritdoc/>
    public override bool IsDefaultFor(Recipe recipe) => recipe.Task == TaskKind.LanguageModel;

    /// <inheritdoc/>
    protected override void Check(DecoderOptions model, Recipe recipe, RecipeFaults faults)
    {
        base.Check(model, recipe, faults);
        var standard = new DecoderOptions();
        faults.Rule(recipe.Task != TaskKind.LanguageModel, "task", "found classify with a decoder; allowed: language-model, or a text-classifier or an adapter.", "model.kind");
        faults.Rule(model.Base is null && (model.Width % model.Heads != 0 || model.Width / model.Heads % 2 != 0), "model.heads", $"found {model.Heads} heads and width {model.Width}; heads must divide the width into even parts.", "model.width");
        faults.Rule(model.KeyValueHeads > 0 && model.Heads % model.KeyValueHeads != 0, "model.keyValueHeads", $"found {model.KeyValueHeads} with {model.Heads} heads; they must divide the heads.", "model.heads");
        faults.Rule(model.Tokenizer == TokenizerKind.Files && model.Base is null && model.TokenizerFiles is null, "model.tokenizerFiles", "is missing; 'tokenizer: files' needs their folder.");
        faults.Rule(model.TokenizerFiles is not null && (model.Tokenizer != TokenizerKind.Files || model.Base is not null), "model.tokenizerFiles", "is only for 'tokenizer: files' without a base.", "model.tokenizer", "model.base");
        faults.Rule(
            model.Base is not null && model != standard with { Base = model.Base, Context = model.Context, TrainedOn = model.TrainedOn, Files = model.Files },
            "model.base",
            "gives the sizes and the tokenizer; only context and trainedOn may be declared beside it.",
            "model");
        faults.Rule(model.Base is not null && recipe.Training.Init != InitKind.Shared, "training.init", "found per-shard with a base; every model starts from the base, so declare 'init: shared'.", "model.base");
        faults.RequireBelow(model.Base, "model.base");
        faults.RequireBelow(model.TokenizerFiles, "model.tokenizerFiles");
    }
}
