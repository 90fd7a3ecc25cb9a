using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>What must hold between the keys of a recipe.</summary>
/// <remarks>Pure. A rule is silent where one of its keys has a fault already.</remarks>
internal static class RecipeRules
{
    /// <summary>Checks a recipe.</summary>
    /// <param name="recipe">The recipe with every default filled in.</param>
    /// <param name="faults">The faults so far; receives more.</param>
    public static void Check(Recipe recipe, RecipeFaults faults)
    {
        CheckLabels(recipe, faults);
        CheckFeatures(recipe.Features, recipe, faults);
        CheckEnsemble(recipe, faults);
        CheckModel(recipe, faults);
        CheckTraining(recipe, faults);
        CheckSizes(recipe, faults);
        CheckFile(recipe.Corpus.ImagesFile, "corpus.images", faults);
        CheckFile(recipe.Corpus.LabelsFile, "corpus.labels", faults);
        CheckFile(recipe.Evaluation.File, "evaluation.file", faults);
        CheckFile((recipe.Model as SequenceModelOptions)?.Base, "model.base", faults);
        CheckFile((recipe.Model as DecoderOptions)?.TokenizerFiles, "model.tokenizerFiles", faults);
    }

    /// <summary>Checks what could not be before the files of a base or a tokenizer were looked at.</summary>
    /// <param name="recipe">The recipe with what was found in them.</param>
    /// <exception cref="RecipeException">With every fault.</exception>
    public static void CheckResolved(Recipe recipe)
    {
        var faults = new RecipeFaults();
        CheckSizes(recipe, faults);
        faults.Throw();
    }

    // A recipe may come from anybody: it names files beside itself, none elsewhere on the machine that reads it.
    private static void CheckFile(string? named, string key, RecipeFaults faults) =>
        Rule(faults, named is not null && !NamedPath.IsBelow(named), key, $"found {Formats.RowFault.Quote(named ?? string.Empty)}; allowed: a path below the recipe's or the data's folder, without '..'.");

    private static void CheckLabels(Recipe recipe, RecipeFaults faults)
    {
        if (recipe.Task == TaskKind.LanguageModel)
        {
            Rule(faults, recipe.Labels.Count > 0, "labels", "is only for the task classify; a language model learns from the text alone.", "task");
            Rule(faults, recipe.Corpus.Fields.Label is not null, "corpus.fields.label", "is only for the task classify; a language model learns from the text alone.", "task");
            return;
        }

        Rule(faults, recipe.Labels.Count < 2, "labels", $"found {recipe.Labels.Count}; a classifier needs 2 or more, as 'labels: [world, sports]'.");
        Rule(
            faults,
            recipe.Corpus.Fields.Label is null && recipe.Corpus.Format != CorpusFormat.Idx && recipe.Features.Pixels is null,
            "corpus.fields.label",
            "is not there; a classifier needs the name of the field that holds the label.");
    }

    private static void CheckFeatures(FeatureOptions features, Recipe recipe, RecipeFaults faults)
    {
        var isDense = features.Numbers.Count > 0 || features.Categories is not null || features.Vector is not null;
        var kinds = (features.Text is null ? 0 : 1) + (features.Pixels is null ? 0 : 1) + (isDense ? 1 : 0);
        var hasText = recipe.Corpus.Fields.Text.Count > 0 || recipe.Corpus.Format == CorpusFormat.Text;
        if (recipe.Model is SequenceModelOptions)
        {
            Rule(faults, kinds > 0, "features", $"is not for a model that reads text token by token; leave it out, the tokenizer is the model's own.", "model");
            Rule(faults, !hasText, "corpus.fields.text", "is not there; the model needs the name of the field that holds the text.");
            return;
        }

        Rule(faults, kinds == 0, "features", "there are none; declare text, pixels, numbers, categories or vector, or map corpus.fields.text.");
        Rule(faults, kinds > 1, "features", "found several kinds; allowed: text, or pixels, or any mix of numbers, categories and vector.");
        Rule(faults, features.Text is not null && !hasText, "corpus.fields.text", "is not there; features.text needs the name of the field that holds the text.", "features.text");
        Rule(faults, features.Text is null && recipe.Corpus.Fields.Text.Count > 0, "corpus.fields.text", "is mapped, but features declares no text; leave one out, or add the other.", "features");
        Rule(faults, features.Text is { Encoding: TextEncodingKind.HashedNgrams, WordNgrams: 0, CharNgrams: 0 }, "features.text", "words and chars are both 0, which makes no token; raise one.");
        Rule(faults, features.Pixels is not null && recipe.Corpus.Format is not (null or CorpusFormat.Idx), "features.pixels", $"pixels come from IDX files; corpus.format is {recipe.Corpus.Format?.ToString().ToLowerInvariant()}.");
        Rule(faults, features.Pixels is null && recipe.Corpus.Format == CorpusFormat.Idx, "features.pixels", "is not there; the format idx needs height and width, as 'pixels: { height: 28, width: 28 }'.", "features");

        if (features.Pixels is { } pixels)
        {
            Rule(faults, pixels.Height == 0, "features.pixels.height", "is not there; the rows of an image.");
            Rule(faults, pixels.Width == 0, "features.pixels.width", "is not there; the columns of an image.");
            Rule(faults, (long)pixels.Height * pixels.Width * pixels.Channels > RecipeLimits.MaxFeatureLength, "features.pixels", $"an image has more than {RecipeLimits.MaxFeatureLength} bytes.");
        }

        if (features.Categories is { } categories)
        {
            Rule(faults, categories.Fields.Count == 0, "features.categories.fields", "is not there; the names of the category fields.");
        }

        if (features.Vector is { } vector)
        {
            Rule(faults, vector.Field.Length == 0, "features.vector.field", "is not there; the name of the field with the array.");
            Rule(faults, vector.Length == 0, "features.vector.length", "is not there; the numbers that every row has.");
            Rule(faults, vector.Min >= vector.Max, "features.vector.max", $"found min {vector.Min:R} and max {vector.Max:R}; max must be above min.", "features.vector.min");
        }

        var denseLength = features.Numbers.Count + (long)(features.Categories?.Buckets ?? 0) + (features.Vector?.Length ?? 0);
        Rule(faults, denseLength > RecipeLimits.MaxFeatureLength, "features", $"an item has {denseLength} numbers; allowed: up to {RecipeLimits.MaxFeatureLength}.");
    }

    private static void CheckEnsemble(Recipe recipe, RecipeFaults faults)
    {
        var ensemble = recipe.Ensemble;
        if (ensemble.Assign == AssignRule.ByBatch)
        {
            Rule(faults, ensemble.Batches.Count != ensemble.Slices, "ensemble.batches", $"found {Counted.Of(ensemble.Batches.Count, "batch", "batches")} and {Counted.Of(ensemble.Slices, "slice")}; by-batch needs a batch per slice.", "ensemble.slices");
            Rule(faults, recipe.Corpus.Fields.Batch is null, "corpus.fields.batch", "is not there; by-batch needs the name of the field that holds the batch.");
        }
        else
        {
            Rule(faults, ensemble.Batches.Count > 0, "ensemble.batches", "is only for assign: by-batch.", "ensemble.assign");
        }

        foreach (var (name, risk) in ensemble.RiskClasses)
        {
            var key = $"ensemble.riskClasses.{name}";
            var beyond = risk.Shards.Where(shard => shard < 0 || shard >= ensemble.Shards).ToList();
            Rule(faults, beyond.Count > 0, key, $"found shard {string.Join(", ", beyond)}; allowed: 0 to {ensemble.Shards - 1}, since the ensemble has {Counted.Of(ensemble.Shards, "shard")}.", "ensemble.shards");
            Rule(faults, risk.Shards.Distinct().Count() < risk.Shards.Count, key, "a shard is there twice; each may be there once.");
            if (risk.Slices is { } slices)
            {
                var late = slices.Where(slice => slice < 1 || slice > ensemble.Slices).ToList();
                Rule(faults, late.Count > 0, key, $"found slice {string.Join(", ", late)}; allowed: 1 to {ensemble.Slices}, since the ensemble has {Counted.Of(ensemble.Slices, "slice")}.", "ensemble.slices");
                Rule(faults, slices.Distinct().Count() < slices.Count, key, "a slice is there twice; each may be there once.");
                Rule(faults, ensemble.Assign == AssignRule.ByBatch, key, "slices are only for assign: by-subject; by-batch takes the slice from the batch.", "ensemble.assign");
            }
        }

        Rule(faults, ensemble.RiskClasses.Count > 0 && recipe.Corpus.Fields.Risk is null, "corpus.fields.risk", "is not there; ensemble.riskClasses needs the name of the field that holds the class.");
    }

    private static void CheckModel(Recipe recipe, RecipeFaults faults)
    {
        var features = recipe.Features;
        if (recipe.Task == TaskKind.LanguageModel && recipe.Model is not SequenceModelOptions)
        {
            Rule(faults, true, "model.kind", $"found {RecipeSchema.KindOf(recipe.Model)} with task: language-model; allowed: {RecipeSchema.Decoder}, {RecipeSchema.Adapter}.", "task", "model");
            return;
        }

        switch (recipe.Model)
        {
            case MlpOptions:
                Rule(faults, features.Text is not null, "model.kind", "found mlp with a text feature; allowed: text-classifier, or an mlp over numbers, categories, vector or pixels.", "features", "model");
                break;
            case CnnOptions cnn:
                Rule(faults, features.Pixels is null, "model.kind", "found cnn without pixels; a cnn needs features.pixels.", "features", "model");
                var side = Math.Min(features.Pixels?.Height ?? int.MaxValue, features.Pixels?.Width ?? int.MaxValue);
                Rule(faults, side >> cnn.Channels.Count == 0, "model.channels", $"found {cnn.Channels.Count} convolutions; each halves the image, whose shorter side is {side}.", "features.pixels");
                break;
            case TextClassifierOptions text:
                Rule(faults, features.Text is null, "model.kind", "found text-classifier without text; a text-classifier needs features.text.", "features", "corpus.fields.text", "model");
                Rule(faults, text.Architecture == TextArchitecture.Encoder && text.Width % text.Heads != 0, "model.heads", $"found {text.Heads} heads and width {text.Width}; heads must divide the width.", "model.width");
                break;
            case SequenceModelOptions sequence:
                CheckSequence(sequence, recipe, faults);
                break;
        }
    }

    private static void CheckSequence(SequenceModelOptions model, Recipe recipe, RecipeFaults faults)
    {
        Rule(faults, model.NeedsFiles && model.TrainedOn is null, "model.trainedOn", "is not there; declare 'trainedOn: public' where that is so. What a base or a tokenizer learnt from data that somebody may want forgotten would stay (rule E5).", "model");
        Rule(faults, !model.NeedsFiles && model.TrainedOn is not null, "model.trainedOn", "is only for a base or the files of a tokenizer.", "model");
        switch (model)
        {
            case AdapterOptions adapter:
                Rule(faults, adapter.Base is null, "model.base", "is not there; an adapter needs the folder of a base.");
                Rule(faults, adapter.Rank == 0 && recipe.Task == TaskKind.LanguageModel, "model.rank", "found 0; without updates a language model would learn nothing.", "task");
                Rule(faults, adapter.Rank > 0 && adapter.Targets.Count == 0, "model.targets", "there are none; an adapter of rank above 0 needs layers to update.", "model.rank");
                break;
            case DecoderOptions decoder:
                var standard = new DecoderOptions();
                Rule(faults, recipe.Task != TaskKind.LanguageModel, "task", "found classify with a decoder; allowed: language-model, or a text-classifier or an adapter.", "model.kind");
                Rule(faults, decoder.Base is null && (decoder.Width % decoder.Heads != 0 || decoder.Width / decoder.Heads % 2 != 0), "model.heads", $"found {decoder.Heads} heads and width {decoder.Width}; heads must divide the width into even parts.", "model.width");
                Rule(faults, decoder.KeyValueHeads > 0 && decoder.Heads % decoder.KeyValueHeads != 0, "model.keyValueHeads", $"found {decoder.KeyValueHeads} with {decoder.Heads} heads; they must divide the heads.", "model.heads");
                Rule(faults, decoder.Tokenizer == TokenizerKind.Files && decoder.Base is null && decoder.TokenizerFiles is null, "model.tokenizerFiles", "is not there; 'tokenizer: files' needs their folder.");
                Rule(faults, decoder.TokenizerFiles is not null && (decoder.Tokenizer != TokenizerKind.Files || decoder.Base is not null), "model.tokenizerFiles", "is only for 'tokenizer: files' without a base.", "model.tokenizer", "model.base");
                Rule(
                    faults,
                    decoder.Base is not null && decoder != standard with { Base = decoder.Base, Context = decoder.Context, TrainedOn = decoder.TrainedOn, Files = decoder.Files },
                    "model.base",
                    "gives the sizes and the tokenizer; beside it only context and trainedOn may be declared.",
                    "model");
                Rule(faults, decoder.Base is not null && recipe.Training.Init != InitKind.Shared, "training.init", "found per-shard with a base; every model starts from the base, so declare 'init: shared'.", "model.base");
                break;
        }
    }

    private static void CheckTraining(Recipe recipe, RecipeFaults faults)
    {
        var training = recipe.Training;
        Rule(faults, training.Momentum > 0 && training.Optimizer != OptimizerKind.Sgd, "training.momentum", "is only for the optimizer sgd.", "training.optimizer");
        var isSequence = recipe.Model is SequenceModelOptions;
        Rule(faults, training.MicroBatch > 0 && !isSequence, "training.microBatch", "is only for models that read text token by token.", "model");
        Rule(faults, training.MicroBatch > training.BatchSize, "training.microBatch", $"found {training.MicroBatch}, more than the {training.BatchSize} windows of a step.", "training.batchSize");
        Rule(faults, training.Precision != ComputePrecision.Full && !isSequence, "training.precision", "is only for models that read text token by token.", "model");
        Rule(faults, training.Precision == ComputePrecision.BFloat16 && recipe.Numerics == NumericProfile.Portable, "training.precision", "found bfloat16 with numerics: portable; only float32 can be reproduced on a stranger's processor.", "numerics");
        var isLanguage = recipe.Task == TaskKind.LanguageModel;
        Rule(faults, recipe.Aggregation is AggregationRule.PosteriorWeighted or AggregationRule.WeightAverage && !isLanguage, "aggregation", "found a rule for language models; allowed here: majority-vote, mean-probability, log-mean.", "task");
        Rule(faults, recipe.Aggregation == AggregationRule.MajorityVote && isLanguage, "aggregation", "found majority-vote; allowed for language models: mean-probability, log-mean, posterior-weighted, weight-average.", "task");
        Rule(
            faults,
            recipe.Aggregation == AggregationRule.WeightAverage && training.Init != InitKind.Shared,
            "aggregation",
            "found weight-average with training.init per-shard; only models that started from one state can be averaged.",
            "training.init");
    }

    private static void CheckSizes(Recipe recipe, RecipeFaults faults)
    {
        if (recipe.Model is SequenceModelOptions { NeedsFiles: true, Files: null } || faults.Concern("model.heads"))
        {
            // The sizes are those of files that nobody has looked at yet, or there are none that make sense.
            return;
        }

        var parameters = ModelSize.Parameters(recipe);
        Rule(
            faults,
            parameters > RecipeLimits.MaxParameters,
            "model",
            $"has {parameters} parameters; allowed: up to {RecipeLimits.MaxParameters}. Lower its widths, or what features makes of an item.",
            "features",
            "labels");

        // Token numbers are 64-bit in a batch, everything else becomes 32-bit floats.
        var layout = FeatureLayout.Of(recipe);
        var length = recipe.Model is SequenceModelOptions windows ? windows.Context : layout.Length;
        var batchBytes = (long)recipe.Training.BatchSize * length * (layout.Kind == FeatureKind.Tokens ? sizeof(long) : sizeof(float));
        Rule(
            faults,
            batchBytes > RecipeLimits.MaxBatchBytes,
            "training.batchSize",
            $"found {recipe.Training.BatchSize} items with up to {length} {(layout.Kind == FeatureKind.Tokens ? "tokens" : "numbers")} each, {batchBytes} bytes a step; allowed: up to {RecipeLimits.MaxBatchBytes} bytes.",
            "features");
    }

    private static void Rule(RecipeFaults faults, bool isBroken, string key, string message, params ReadOnlySpan<string> otherKeys)
    {
        if (!isBroken || faults.Concern(key))
        {
            return;
        }

        foreach (var other in otherKeys)
        {
            if (faults.Concern(other))
            {
                return;
            }
        }

        faults.Add(key, message);
    }
}
