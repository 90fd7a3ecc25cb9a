using System.CommandLine;
using Sisa.Planning;

namespace Sisa.Cli.Verbs;

/// <summary>The options of <c>sisa plan</c>.</summary>
internal static class PlanOptions
{
    public static Option<string?> RecipeFile { get; } = new("--recipe") { Description = "With '--items': the recipe. Default: sisa.yaml.", HelpName = "FILE" };

    public static Option<string[]> Set { get; } = Several("--set", "With '--items': change keys of the recipe, such as training.epochs=8.", "KEY=VALUE");

    public static Option<string?> Items { get; } = new("--items") { Description = "Items of a corpus that is not there yet. Without it, the plan is for the store, by its recipe, its subjects, its labels and what its training took.", HelpName = "N" };

    public static Option<string?> Subjects { get; } = new("--subjects") { Description = "With '--items': whose items they are. Default: as many as items.", HelpName = "M" };

    public static Option<string?> Sizes { get; } = new("--subject-sizes") { Description = "With '--items': whether all subjects have as many items, or the i-th has them in proportion to i to the power of minus an exponent. Default: uniform.", HelpName = "uniform|zipf:EXPONENT" };

    public static Option<string?> PerYear { get; } = new("--requests-per-year") { Description = "Requests to forget that are expected in a year. Default: 0, which prices one request alone.", HelpName = "N" };

    public static Option<string?> PerRequest { get; } = new("--per-request") { Description = "Subjects that a request names. Default: 1.", HelpName = "SUBJECTS" };

    public static Option<string[]> Risks { get; } = Several("--risk", "Risk classes: the share of the subjects that belong to one, and the share of the requests that they make, as high=10%:80%. What is left over is the other class's. For a store with classes, the share of the requests alone.", "CLASS=SUBJECTS:REQUESTS");

    public static Option<string[]> Shards { get; } = Several("--shards", "Numbers of shards to compare, as 1,5,20. Default: 1, 2, 5, 10, 20, 50 and the recipe's.", "S,…");

    public static Option<string[]> Slices { get; } = Several("--slices", "Numbers of slices to compare. Default: 1, 2, 4, 8 and the recipe's.", "R,…");

    public static Option<string[]> Windows { get; } = Several("--window", "Hours that requests may wait to share a retraining ('requests.window'), several to compare. Default: the recipe's and, where requests are expected, 0, 24 and 168.", "HOURS");

    public static Option<string?> MaxSeconds { get; } = new("--max-seconds-per-request") { Description = "Seconds of one worker that a request may cost on average.", HelpName = "SECONDS" };

    public static Option<string?> MaxShare { get; } = new("--max-share") { Description = "Share of training everything that a request may cost on average, as 0.05 or 5%.", HelpName = "SHARE" };

    public static Option<string?> MaxStorage { get; } = new("--max-storage") { Description = "Bytes that the checkpoints may take, as 500MB.", HelpName = "BYTES" };

    public static Option<string?> MaxWait { get; } = new("--max-wait") { Description = "Hours that a request may wait on average until it is done.", HelpName = "HOURS" };

    public static Option<string?> MinItems { get; } = new("--min-items-per-class") { Description = "Items of the rarest label that the poorest shard must have: with few, its model knows little of that label.", HelpName = "N" };

    public static Option<string?> SecondsPerVisit { get; } = new("--seconds-per-visit") { Description = "Seconds of training on one item once. Default: what the store's training took; without a store, seconds are not said.", HelpName = "SECONDS" };

    public static Option<string?> SecondsPerStage { get; } = new("--seconds-per-stage") { Description = "With '--seconds-per-visit': seconds that a stage takes besides, its checkpoint included. Default: 0.", HelpName = "SECONDS" };

    public static Option<string?> SecondsPerRun { get; } = new("--seconds-per-run") { Description = "Seconds that a retraining takes besides: starting, planning, publishing. Default: 0.", HelpName = "SECONDS" };

    public static Option<string?> Draws { get; } = new("--draws") { Description = "Simulated years, each with its own assignment key. Default: 40; fewer where a year is too much work, which is then said.", HelpName = "N" };

    public static Option<string?> Seed { get; } = new("--seed") { Description = "Seed of the simulation; equal seeds give equal plans. Default: 17.", HelpName = "N" };

    public static Option<bool> All { get; } = new("--all") { Description = "Show every candidate, not only those that differ from the recipe or the proposal in one thing." };

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
