using System.Globalization;
using System.Text;
using Sisa.Checkpoints;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Serving.Exporting;

/// <summary>The README.md of an exported ensemble. Names no item and no subject.</summary>
internal static class ModelCard
{
    public static string Of(EnsembleManifest manifest, Store store, HandoutGuide guide)
    {
        var recipe = manifest.Recipe;
        var card = new StringBuilder();
        card.AppendLine(CultureInfo.InvariantCulture, $"# {recipe.Name}").AppendLine();
        card.AppendLine(CultureInfo.InvariantCulture, $"An ensemble of {manifest.Constituents.Count} constituent models that were trained on disjoint shards of one corpus by Sisa, so that");
        card.AppendLine(CultureInfo.InvariantCulture, $"any item can be forgotten exactly. Exported with `{guide.Maker}`.").AppendLine();
        card.AppendLine("| | |").AppendLine("|---|---|");
        Row(card, "task", recipe.Task == TaskKind.LanguageModel ? "language model: the next token of a text" : $"classification into {recipe.Labels.Count} labels");
        Row(card, "model", recipe.Model.Describe());
        Row(card, "aggregation", recipe.Aggregation.ToString());
        Row(card, "items seen", manifest.Constituents.Sum(c => c.Items).ToString(CultureInfo.InvariantCulture));
        Row(card, "epoch of the bundle", manifest.Epoch.ToString(CultureInfo.InvariantCulture));
        Row(card, "digest of the bundle", BundleDigest.Of(store.Manifest.Bundle.Served()).ToString());
        Row(card, "recipe digest", store.RecipeDigest.ToString());
        Row(card, "requests to forget served so far", store.Manifest.Requests.All().Count(r => r is { Completed: not null, Summary.Searched: null }).ToString(CultureInfo.InvariantCulture));
        card.AppendLine().AppendLine("## Use").AppendLine();
        card.AppendLine("```").AppendLine(guide.Use).AppendLine("```").AppendLine();
        card.AppendLine("Each `shard-NNN` folder holds one constituent: weights as safetensors and their configuration. `ensemble.json` names them with their digests.");
        if (recipe.Model is SequenceModelOptions)
        {
            card.AppendLine("The folders are laid out as `transformers` (decoders) and PEFT (adapters) lay them out.");
        }

        card.AppendLine();
        card.AppendLine("## What was and was not forgotten").AppendLine();
        card.AppendLine("Up to the epoch above, every item that was requested to be forgotten is absent from these weights, as if it had never been there.");
        card.AppendLine("This copy does not change when items are forgotten later. Its owner keeps it on a list for recall.");
        card.AppendLine("Exact unlearning is not differential privacy: comparing this copy with a later one can reveal who left.");
        if (recipe.Model is SequenceModelOptions { Base: not null })
        {
            card.AppendLine("The base that the models adapt or started from was declared to be trained on public data. What it learnt there is not forgotten with any item.");
        }

        if (recipe.DeclaredAfterInspection.Count > 0)
        {
            card.AppendLine(CultureInfo.InvariantCulture, $"Declared after a look at the data, and not forgotten with any item: {string.Join(", ", recipe.DeclaredAfterInspection)}.");
        }

        return card.ToString();
    }

    private static void Row(StringBuilder card, string name, string value) => card.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {value} |");
}
