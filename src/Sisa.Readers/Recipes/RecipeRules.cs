using Sisa.Aggregation;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Readers.Recipes.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes;

/// <summary>The rules between the keys of a recipe.</summary>
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
        faults.RequireBelow(recipe.Corpus.ImagesFile, "corpus.images");
        faults.RequireBelow(recipe.Corpus.LabelsFile, "corpus.labels");
        faults.RequireBelow(recipe.Evaluation.File, "evaluation.file");
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

    private static void CheckLabels(Recipe recipe, RecipeFaults faults)
    {
        if (recipe.Task == TaskKind.LanguageModel)
        {
            faults.Rule(recipe.Labels.Count > 0, "labels", "is only for the task classify; a language model learns from the text only.", "task");
            faults.Rule(recipe.Corpus.Fields.Label is not null, "corpus.fields.label", "is only for the task classify; a language model learns from the text only.", "task");
            return;
        }

        faults.Rule(recipe.Labels.Count < 2, "labels", $"found {recipe.Labels.Count}; a classifier needs 2 or more, such as 'labels: [world, sports]'.");
        faults.Rule(
            recipe.Corpus.Fields.Label is null && recipe.Corpus.Format != CorpusFormat.Idx && recipe.Features.Pixels is null,
            "corpus.fields.label",
            "is missing; a classifier needs the name of the field that holds the label.");
    }

    private static void CheckFeatures(FeatureOptions features, Recipe recipe, RecipeFaults faults)
    {
        var isDense = features.Numbers.Count > 0 || features.Categories is not null || features.Vector is not null;
        var kinds = (features.Text is null ? 0 : 1) + (features.Pixels is null ? 0 : 1) + (isDense ? 1 : 0);
        var hasText = recipe.Corpus.Fields.Text.Count > 0 || recipe.Corpus.Format == CorpusFormat.Text;
        if (recipe.Model is SequenceModelOptions)
        {
            faults.Rule(kinds > 0, "features", $"is not for a model that reads text token by token; omit it, because the tokenizer belongs to the model.", "model");
            faults.Rule(!hasText, "corpus.fields.text", "is missing; the model needs the name of the field that holds the text.");
            return;
        }

        faults.Rule(kinds == 0, "features", "is empty; declare text, pixels, numbers, categories or vector, or map corpus.fields.text.");
        faults.Rule(kinds > 1, "features", "found several kinds; allowed: text, or pixels, or any mix of numbers, categories and vector.");
        faults.Rule(features.Text is not null && !hasText, "corpus.fields.text", "is missing; features.text needs the name of the field that holds the text.", "features.text");
        faults.Rule(features.Text is null && recipe.Corpus.Fields.Text.Count > 0, "corpus.fields.text", "is mapped, but features declares no text; omit one, or add the other.", "features");
        faults.Rule(features.Text is { Encoding: TextEncodingKind.HashedNgrams, WordNgrams: 0, CharNgrams: 0 }, "features.text", "words and chars are both 0, which makes no token; raise one.");
        faults.Rule(features.Pixels is not null && recipe.Corpus.Format is { } format && format != CorpusFormat.Idx, "features.pixels", $"pixels come from IDX files; corpus.format is {recipe.Corpus.Format}.");
        faults.Rule(features.Pixels is null && recipe.Corpus.Format == CorpusFormat.Idx, "features.pixels", "is missing; the format idx needs height and width, such as 'pixels: { height: 28, width: 28 }'.", "features");

        if (features.Pixels is { } pixels)
        {
            faults.Rule(pixels.Height == 0, "features.pixels.height", "is missing; it is the number of rows of an image.");
            faults.Rule(pixels.Width == 0, "features.pixels.width", "is missing; it is the number of columns of an image.");
            faults.Rule((long)pixels.Height * pixels.Width * pixels.Channels > RecipeLimits.MaxFeatureLength, "features.pixels", $"an image has more than {RecipeLimits.MaxFeatureLength} bytes.");
        }

        if (features.Categories is { } categories)
        {
            faults.Rule(categories.Fields.Count == 0, "features.categories.fields", "is missing; it lists the names of the category fields.");
        }

        if (features.Vector is { } vector)
        {
            faults.Rule(vector.Field.Length == 0, "features.vector.field", "is missing; it is the name of the field with the array.");
            faults.Rule(vector.Length == 0, "features.vector.length", "is missing; it is the number of numbers in every row.");
            faults.Rule(vector.Min >= vector.Max, "features.vector.max", $"found min {vector.Min:R} and max {vector.Max:R}; max must be above min.", "features.vector.min");
        }

        var denseLength = features.Numbers.Count + (long)(features.Categories?.Buckets ?? 0) + (features.Vector?.Length ?? 0);
        faults.Rule(denseLength > RecipeLimits.MaxFeatureLength, "features", $"an item has {denseLength} numbers; allowed: up to {RecipeLimits.MaxFeatureLength}.");
    }

    private static void CheckEnsemble(Recipe recipe, RecipeFaults faults)
    {
        var ensemble = recipe.Ensemble;
        if (ensemble.Assign == AssignRule.ByBatch)
        {
            faults.Rule(ensemble.Batches.Count != ensemble.Slices, "ensemble.batches", $"found {Counted.Of(ensemble.Batches.Count, "batch", "batches")} and {Counted.Of(ensemble.Slices, "slice")}; by-batch needs one batch a slice.", "ensemble.slices");
            faults.Rule(recipe.Corpus.Fields.Batch is null, "corpus.fields.batch", "is missing; by-batch needs the name of the field that holds the batch.");
        }
        else
        {
            faults.Rule(ensemble.Batches.Count > 0, "ensemble.batches", "is only for assign: by-batch.", "ensemble.assign");
        }

        foreach (var (name, risk) in ensemble.RiskClasses)
        {
            var key = $"ensemble.riskClasses.{name}";
            var beyond = risk.Shards.Where(shard => shard < 0 || shard >= ensemble.Shards).ToList();
            faults.Rule(beyond.Count > 0, key, $"found shard {string.Join(", ", beyond)}; allowed: 0 to {ensemble.Shards - 1}, because the ensemble has {Counted.Of(ensemble.Shards, "shard")}.", "ensemble.shards");
            faults.Rule(risk.Shards.Distinct().Count() < risk.Shards.Count, key, "lists a shard twice; each may occur once.");
            if (risk.Slices is { } slices)
            {
                var late = slices.Where(slice => slice < 1 || slice > ensemble.Slices).ToList();
                faults.Rule(late.Count > 0, key, $"found slice {string.Join(", ", late)}; allowed: 1 to {ensemble.Slices}, because the ensemble has {Counted.Of(ensemble.Slices, "slice")}.", "ensemble.slices");
                faults.Rule(slices.Distinct().Count() < slices.Count, key, "lists a slice twice; each may occur once.");
                faults.Rule(ensemble.Assign == AssignRule.ByBatch, key, "slices are only for assign: by-subject; by-batch takes the slice from the batch.", "ensemble.assign");
            }
        }

        faults.Rule(ensemble.RiskClasses.Count > 0 && recipe.Corpus.Fields.Risk is null, "corpus.fields.risk", "is missing; ensemble.riskClasses needs the name of the field that holds the class.");
    }

    private static void CheckModel(Recipe recipe, RecipeFaults faults)
    {
        var keys = ModelKeys.Of(recipe.Model);
        if (recipe.Task == TaskKind.LanguageModel && !keys.Kind.IsSequence)
        {
            faults.Rule(true, "model.kind", $"found {keys.Kind.Name} with task: language-model; allowed: {string.Join(", ", ModelKeys.All.Where(other => other.Kind.IsSequence).Select(other => other.Kind.Name))}.", "task", "model");
            return;
        }

        keys.Check(recipe, faults);
    }

    private static void CheckTraining(Recipe recipe, RecipeFaults faults)
    {
        var training = recipe.Training;
        faults.Rule(training.Momentum > 0 && training.Optimizer != OptimizerKind.Sgd, "training.momentum", "is only for the optimizer sgd.", "training.optimizer");
        var isSequence = recipe.Model is SequenceModelOptions;
        faults.Rule(training.MicroBatch > 0 && !isSequence, "training.microBatch", "is only for models that read text token by token.", "model");
        faults.Rule(training.MicroBatch > training.BatchSize, "training.microBatch", $"found {training.MicroBatch}, more than the {training.BatchSize} windows of a step.", "training.batchSize");
        faults.Rule(training.Precision != ComputePrecision.Full && !isSequence, "training.precision", "is only for models that read text token by token.", "model");
        faults.Rule(training.Precision == ComputePrecision.BFloat16 && recipe.Numerics == NumericProfile.Portable, "training.precision", "found bfloat16 with numerics: portable; only float32 is reproducible on other processors.", "numerics");
        CheckAggregation(recipe, faults);
    }

    private static void CheckAggregation(Recipe recipe, RecipeFaults faults)
    {
        var method = AggregationTable.Of(recipe.Aggregation);
        var allowed = string.Join(", ", AggregationTable.For(recipe.Task).Select(other => other.Name));
        faults.Rule(
            !method.AppliesTo(recipe.Task),
            "aggregation",
            recipe.Task == TaskKind.LanguageModel ? $"found {method.Name}; allowed for language models: {allowed}." : $"found a rule for language models; allowed here: {allowed}.",
            "task");
        faults.Rule(
            method.Needs.HasFlag(AggregationNeeds.AverageWeights) && !method.AppliesTo(recipe with { Task = TaskKind.LanguageModel }),
            "aggregation",
            $"found {method.Name} with training.init per-shard; only models that started from one state can be averaged.",
            "training.init");
    }

    private static void CheckSizes(Recipe recipe, RecipeFaults faults)
    {
        if (recipe.Model is SequenceModelOptions { NeedsFiles: true, Files: null } || faults.Concern("model.heads"))
        {
            // The sizes come from files that were not read yet, or are invalid.
            return;
        }

        var parameters = recipe.Model.ParameterCount(recipe);
        faults.Rule(
            parameters > RecipeLimits.MaxParameters,
            "model",
            $"has {parameters} parameters; allowed: up to {RecipeLimits.MaxParameters}. Lower its widths, or the size of the features.",
            "features",
            "labels");

        // Token numbers are 64-bit in a batch, everything else becomes 32-bit floats.
        var layout = FeatureLayout.Of(recipe);
        var length = recipe.Model is SequenceModelOptions windows ? windows.Context : layout.Length;
        var batchBytes = (long)recipe.Training.BatchSize * length * (layout.Kind == FeatureKind.Tokens ? sizeof(long) : sizeof(float));
        faults.Rule(
            batchBytes > RecipeLimits.MaxBatchBytes,
            "training.batchSize",
            $"found {recipe.Training.BatchSize} items with up to {length} {(layout.Kind == FeatureKind.Tokens ? "tokens" : "numbers")} each, {batchBytes} bytes a step; allowed: up to {RecipeLimits.MaxBatchBytes} bytes.",
            "features");
    }
}
