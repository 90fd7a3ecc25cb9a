using System.CommandLine;
using Sisa.Aggregation;
using Sisa.Serving.Bundles;
using Sisa.Training;

namespace Sisa.Cli.Terminal;

/// <summary>Options of the verbs that answer.</summary>
internal static class ServingOptions
{
    public static Option<string?> From { get; } = new("--from") { Description = "Answer without the store, from a folder that 'sisa export' wrote.", HelpName = "DIR" };

    public static Option<string?> Device { get; } = CreateDevice();

    public static Option<AggregationRule?> Aggregation { get; } = NamedOption.Create<AggregationRule>("--aggregation", "Aggregation rule, in place of the recipe's.");

    /// <summary>The rule that the command line names, or the recipe's.</summary>
    /// <exception cref="UsageException">It does not apply to the recipe.</exception>
    public static AggregationRule Rule(ParseResult parse, Recipe recipe)
    {
        var rule = parse.GetValue(Aggregation) ?? recipe.Aggregation;
        var allowed = recipe.Task == TaskKind.LanguageModel ? LanguageAggregator.Rules(recipe) : Aggregator.Rules;
        return allowed.Contains(rule)
            ? rule
            : throw new UsageException(
                $"The rule {KebabName.Of(rule)} does not apply to {(recipe.Task == TaskKind.LanguageModel ? "these language models" : "classifiers")}; allowed: {string.Join(", ", allowed.Select(KebabName.Of))}.",
                recipe.Task == TaskKind.LanguageModel && AggregationTable.Of(rule).AppliesTo(recipe.Task) ? "Weights can be averaged only if the recipe has 'training.init: shared'." : "Give one of these to '--aggregation'.");
    }

    /// <summary>Refuses a bundle of another task.</summary>
    /// <exception cref="UsageException">The recipe's task is another one.</exception>
    public static void Require(TaskKind task, Recipe recipe, string what, string hint)
    {
        if (recipe.Task != task)
        {
            throw new UsageException($"{what} is for the task {KebabName.Of(task)}; the recipe's task is {KebabName.Of(recipe.Task)}.", hint);
        }
    }

    /// <summary>The bundle that the command line names. Says what of an export cannot be checked.</summary>
    public static IBundleSource OpenBundle(ParseResult parse, Output output)
    {
        if (parse.GetValue(From) is not { } folder)
        {
            return new StoreBundle(CommonOptions.OpenStore(parse));
        }

        var export = new ExportedEnsemble(folder);
        if (export.Note is { } note)
        {
            output.Warn(note);
        }

        return export;
    }

    private static Option<string?> CreateDevice()
    {
        var option = new Option<string?>("--device") { Description = "Device that computes the answers. Default: the device of the recipe.", HelpName = "cpu|cuda|cuda:N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } device && !ServingDevice.IsName(device))
            {
                result.AddError($"'--device {device}' is unknown; expected cpu, cuda, or cuda:N with the number of a device.");
            }
        });
        return option;
    }
}
