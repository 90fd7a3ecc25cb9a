using System.CommandLine;
using Sisa.Planning;

namespace Sisa.Cli.Verbs;

/// <summary>The options of <c>sisa plan</c>.</summary>
internal static class PlanOptions
{
    public static Option<string?> RecipeFile { get; } = new("--recipe") { Description = "With '--items': the recipe. Default: sisa.yaml.", HelpName = "FILE" };

    public static Option<string[]> Set { get; } = Several("--set", "With '--items': change keys of the recipe, such as training.epochs=8.", "KEY=VALUE");

    public static Option<string?> Items { get; } = new("--items") { Description = "Number of items of a future corpus. Without it, the plan is for the store: its recipe, subjects, labels and measured speed.", HelpName = "N" };

    public static Option<string?> Subjects { get; } = new("--subjects") { Description = "With '--items': number of subjects. Default: as many as items.", HelpName = "M" };

    public static Option<string?> Sizes { get; } = new("--subject-sizes") { Description = "With '--items': sizes of the subjects. uniform: all have the same number of items; zipf:EXPONENT: the number of the i-th is in proportion to 1/i^EXPONENT. Default: uniform.", HelpName = "uniform|zipf:EXPONENT" };

    public static Option<string?> PerYear { get; } = new("--requests-per-year") { Description = "Expected requests to forget in a year. Default: 0, which prices one request alone.", HelpName = "N" };

    public static Option<string?> PerRequest { get; } = new("--per-request") { Description = "Subjects of one request. Default: 1.", HelpName = "SUBJECTS" };

    public static Option<string[]> Risks { get; } = Several("--risk", "Risk classes: each class's share of the subjects and of the requests, such as high=10%:80%. The rest belongs to the other class. For a store with classes: the share of the requests only.", "CLASS=SUBJECTS:REQUESTS");

    public static Option<string[]> Shards { get; } = Several("--shards", "Numbers of shards to compare, such as 1,5,20. Default: 1, 2, 5, 10, 20, 50 and the recipe's.", "S,…");

    public static Option<string[]> Slices { get; } = Several("--slices", "Numbers of slices to compare. Default: 1, 2, 4, 8 and the recipe's.", "R,…");

    public static Option<string[]> Windows { get; } = Several("--window", "Hours that requests may wait to share a retraining ('requests.window'); several values are compared. Default: the recipe's, and 0, 24 and 168 if requests are expected.", "HOURS");

    public static Option<string?> MaxSeconds { get; } = new("--max-seconds-per-request") { Description = "Average seconds of one worker that a request may cost.", HelpName = "SECONDS" };

    public static Option<string?> MaxShare { get; } = new("--max-share") { Description = "Average share of a full training that a request may cost, such as 0.05 or 5%.", HelpName = "SHARE" };

    public static Option<string?> MaxStorage { get; } = new("--max-storage") { Description = "Bytes that the checkpoints may take, such as 500MB.", HelpName = "BYTES" };

    public static Option<string?> MaxWait { get; } = new("--max-wait") { Description = "Average hours that a request may wait until it is done.", HelpName = "HOURS" };

    public static Option<string?> MinItems { get; } = new("--min-items-per-class") { Description = "Smallest number of items of the rarest label in the poorest shard. A model with few items of a label knows it badly.", HelpName = "N" };

    public static Option<string?> SecondsPerVisit { get; } = new("--seconds-per-visit") { Description = "Seconds of training on one item once. Default: measured by the store's training; without a store, the plan gives no seconds.", HelpName = "SECONDS" };

    public static Option<string?> SecondsPerStage { get; } = new("--seconds-per-stage") { Description = "With '--seconds-per-visit': further seconds of a stage, its checkpoint included. Default: 0.", HelpName = "SECONDS" };

    public static Option<string?> SecondsPerRun { get; } = new("--seconds-per-run") { Description = "Further seconds of a retraining: starting, planning, publishing. Default: 0.", HelpName = "SECONDS" };

    public static Option<string?> Draws { get; } = new("--draws") { Description = "Number of simulated years, each with its own assignment key. Default: 40, or fewer, with a note, if a year is too much work.", HelpName = "N" };

    public static Option<string?> Seed { get; } = new("--seed") { Description = "Seed of the simulation. Equal seeds give equal plans. Default: 17.", HelpName = "N" };

    public static Option<bool> All { get; } = new("--all") { Description = "Show every candidate, not only those that differ from the recipe or the proposal in one setting." };

    /// <summary>The option that gives a limit.</summary>
    public static string Limit(BudgetKind kind) => kind switch
    {
        BudgetKind.SecondsPerRequest => MaxSeconds.Name,
        BudgetKind.Share => MaxShare.Name,
        BudgetKind.Storage => MaxStorage.Name,
        BudgetKind.Wait => MaxWait.Name,
        _ => MinItems.Name,
    };

    private static Option<string[]> Several(string name, string description, string help) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = help };
}
