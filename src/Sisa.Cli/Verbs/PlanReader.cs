using System.CommandLine;
using System.Globalization;
using Sisa.Cli.Terminal;
using Sisa.Engine.Planning;
using Sisa.Planning;
using Sisa.Readers.Recipes;
using Sisa.Serving.Creating;

namespace Sisa.Cli.Verbs;

/// <summary>Reads what a command line asks to be planned: for a corpus that is declared, or for a store.</summary>
internal static class PlanReader
{
    private const long MaxItems = 1_000_000_000;
    private const int MaxSubjects = 20_000_000;
    private const double MaxRequests = 10_000_000;

    /// <summary>Reads the question.</summary>
    /// <exception cref="UsageException">With everything that is wrong with it.</exception>
    public static PlanQuestion Read(ParseResult parse, Output output)
    {
        var numbers = new PlanNumbers(parse);
        var isDeclared = parse.GetResult(PlanOptions.Items) is not null;
        CheckSource(parse, isDeclared, numbers);
        var items = numbers.Whole(PlanOptions.Items, 1, MaxItems);
        var subjects = numbers.Whole(PlanOptions.Subjects, 1, MaxSubjects) ?? Math.Min(items ?? 1, MaxSubjects);
        var exponent = Exponent(parse, numbers);
        if (subjects > items)
        {
            numbers.Add($"'--subjects {subjects}' are more than '--items {items}': each subject has at least one item.");
        }

        var inquiry = Inquiry(parse, numbers);
        numbers.Throw();
        try
        {
            if (isDeclared)
            {
                return PlanComposer.Compose(inquiry, new DeclaredCorpus(RecipeFile.Read(parse.GetValue(PlanOptions.RecipeFile) ?? "sisa.yaml", parse.GetValue(PlanOptions.Set) ?? [], parse.GetValue(BaseOption.Folder), output.Warn), items!.Value, (int)subjects, exponent));
            }

            using var store = CommonOptions.OpenStore(parse);
            return PlanComposer.Compose(inquiry, store);
        }
        catch (PlanException e)
        {
            throw new UsageException(e.Message, PlanNumbers.Hint);
        }
    }

    private static PlanInquiry Inquiry(ParseResult parse, PlanNumbers numbers)
    {
        var perVisit = numbers.Number(PlanOptions.SecondsPerVisit, 0, 1e6);
        var perStage = numbers.Number(PlanOptions.SecondsPerStage, 0, 1e6);
        if (perStage is not null && parse.GetValue(PlanOptions.SecondsPerVisit) is null)
        {
            numbers.Add("'--seconds-per-stage' needs '--seconds-per-visit'.");
        }

        return new PlanInquiry
        {
            RequestsPerYear = numbers.Number(PlanOptions.PerYear, 0, MaxRequests) ?? 0,
            SubjectsPerRequest = (int)(numbers.Whole(PlanOptions.PerRequest, 1, MaxSubjects) ?? 1),
            Risks = Risks(parse, numbers),
            Shards = numbers.WholeList(PlanOptions.Shards, 1, RecipeLimits.MaxShards),
            Slices = numbers.WholeList(PlanOptions.Slices, 1, RecipeLimits.MaxSlices),
            Windows = numbers.NumberList(PlanOptions.Windows, 0, RequestLoad.HoursOfYear),
            Budget = new PlanBudget
            {
                MaxSecondsPerRequest = numbers.Number(PlanOptions.MaxSeconds, 0, 1e12),
                MaxShare = numbers.Share(PlanOptions.MaxShare),
                MaxStorageBytes = numbers.Bytes(PlanOptions.MaxStorage),
                MaxWaitHours = numbers.Number(PlanOptions.MaxWait, 0, 1e6),
                MinItemsPerClass = numbers.Number(PlanOptions.MinItems, 0, 1e12),
            },
            SecondsPerVisit = perVisit,
            SecondsPerStage = perStage,
            SecondsPerRun = numbers.Number(PlanOptions.SecondsPerRun, 0, 1e6),
            Draws = (int)(numbers.Whole(PlanOptions.Draws, 1, 10_000) ?? 40),
            Seed = (ulong)(numbers.Whole(PlanOptions.Seed, 0, long.MaxValue) ?? 17),
        };
    }

    private static void CheckSource(ParseResult parse, bool isDeclared, PlanNumbers numbers)
    {
        if (isDeclared && parse.GetResult(CommonOptions.Store) is { Implicit: false })
        {
            numbers.Add("'--items' is for a future corpus, and '--store' for an existing one. Give one of them.");
        }

        foreach (var option in new Option[] { PlanOptions.RecipeFile, PlanOptions.Set, PlanOptions.Subjects, PlanOptions.Sizes }.Where(option => !isDeclared && parse.GetResult(option) is not null))
        {
            numbers.Add($"'{option.Name}' is for a future corpus, and needs '--items'. For a store, these values are known.");
        }
    }

    private static double Exponent(ParseResult parse, PlanNumbers numbers)
    {
        const string Zipf = "zipf:";
        const double MaxExponent = 10;
        switch (parse.GetValue(PlanOptions.Sizes))
        {
            case null or "uniform":
                return 0;
            case { } text when text.StartsWith(Zipf, StringComparison.Ordinal)
                && double.TryParse(text[Zipf.Length..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var exponent) && exponent <= MaxExponent:
                return exponent;
            case { } text:
                numbers.Add($"'--subject-sizes {text}' is unknown; expected uniform, or zipf: and an exponent from 0 to {MaxExponent}, such as zipf:1.");
                return 0;
        }
    }

    // A name, and one share or two.
    private static List<AskedRisk> Risks(ParseResult parse, PlanNumbers numbers)
    {
        var classes = new List<AskedRisk>();
        foreach (var text in parse.GetValue(PlanOptions.Risks) ?? [])
        {
            var (name, shares) = text.LastIndexOf('=') is var at and > 0 ? (text[..at], text[(at + 1)..].Split(':')) : (string.Empty, []);
            if (shares.Length is not (1 or 2) || !shares.All(share => PlanNumbers.TryShare(share, out _)))
            {
                numbers.Add($"'--risk {text}' is not a class: give the share of the subjects and the share of the requests, such as high=10%:80%.");
            }
            else if (classes.Exists(c => c.Name == name))
            {
                numbers.Add($"'--risk' names class {name} twice.");
            }
            else
            {
                classes.Add(new AskedRisk(name, [.. shares.Select(share => PlanNumbers.TryShare(share, out var value) ? value : 0)]));
            }
        }

        return classes;
    }
}
