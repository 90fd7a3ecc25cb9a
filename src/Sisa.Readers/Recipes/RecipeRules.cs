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
        CheckTraining(recipe.Training, faults);
        CheckSizes(recipe, faults);
        CheckFile(recipe.Corpus.ImagesFile, "corpus.images", faults);
        CheckFile(recipe.Corpus.LabelsFile, "corpus.labels", faults);
        CheckFile(recipe.Evaluation.File, "evaluation.file", faults);
    }

    // A recipe may come from anybody: it names files beside itself, none elsewhere on the machine that reads it.
    private static void CheckFile(string? named, string key, RecipeFaults faults) =>
        Rule(faults, named is not null && !NamedPath.IsBelow(named), key, $"found {Formats.RowFault.Quote(named ?? string.Empty)}; allowed: a path below the recipe's or the data's folder, without '..'.");

    private static void CheckLabels(Recipe recipe, RecipeFaults faults)
    {
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
        Rule(faults, kinds == 0, "features", "there are none; declare text, pixels, numbers, categories or vector, or map corpus.fields.text.");
        Rule(faults, kinds > 1, "features", "found several kinds; allowed: text, or pixels, or any mix of numbers, categories and vector.");
        var hasText = recipe.Corpus.Fields.Text.Count > 0 || recipe.Corpus.Format == CorpusFormat.Text;
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
            Rule(faults, ensemble.Batches.Count != ensemble.Slices, "ensemble.batches", $"found {ensemble.Batches.Count} batches and {ensemble.Slices} slices; by-batch needs a batch per slice.", "ensemble.slices");
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
            Rule(faults, beyond.Count > 0, key, $"found shard {string.Join(", ", beyond)}; allowed: 0 to {ensemble.Shards - 1}, since there are {ensemble.Shards} shards.", "ensemble.shards");
            Rule(faults, risk.Shards.Distinct().Count() < risk.Shards.Count, key, "a shard is there twice; each may be there once.");
        }

        Rule(faults, ensemble.RiskClasses.Count > 0 && recipe.Corpus.Fields.Risk is null, "corpus.fields.risk", "is not there; ensemble.riskClasses needs the name of the field that holds the class.");
    }

    private static void CheckModel(Recipe recipe, RecipeFaults faults)
    {
        var features = recipe.Features;
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
        }
    }

    private static void CheckTraining(TrainingOptions training, RecipeFaults faults) =>
        Rule(faults, training.Momentum > 0 && training.Optimizer != OptimizerKind.Sgd, "training.momentum", "is only for the optimizer sgd.", "training.optimizer");

    private static void CheckSizes(Recipe recipe, RecipeFaults faults)
    {
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
        var batchBytes = (long)recipe.Training.BatchSize * layout.Length * (layout.Kind == FeatureKind.Tokens ? sizeof(long) : sizeof(float));
        Rule(
            faults,
            batchBytes > RecipeLimits.MaxBatchBytes,
            "training.batchSize",
            $"found {recipe.Training.BatchSize} items with up to {layout.Length} {(layout.Kind == FeatureKind.Tokens ? "tokens" : "numbers")} each, {batchBytes} bytes a step; allowed: up to {RecipeLimits.MaxBatchBytes} bytes.",
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
