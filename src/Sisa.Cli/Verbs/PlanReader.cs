using System.CommandLine;
using System.Globalization;
using Sisa.Cli.Terminal;
using Sisa.Engine.Planning;
using Sisa.Planning;
using Sisa.Readers.Recipes;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary>Makes a question of a command line: of a corpus that is declared, or of a store.</summary>
internal static class PlanReader
{
    private const long MaxItems = 1_000_000_000;
    private const int MaxSubjects = 20_000_000;
    private const double MaxRequests = 10_000_000;
    private const double MostWork = 1.5e9;

    private static readonly int[] CommonShards = [1, 2, 5, 10, 20, 50];
    private static readonly int[] CommonSlices = [1, 2, 4, 8];
    private static readonly double[] CommonWindows = [0, 24, 168];

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
            numbers.Add($"'--subjects {subjects}' are more than '--items {items}': each has one at least.");
        }

        var (perYear, perRequest) = (numbers.Number(PlanOptions.PerYear, 0, MaxRequests) ?? 0, numbers.Whole(PlanOptions.PerRequest, 1, MaxSubjects) ?? 1);
        var budget = new PlanBudget
        {
            MaxSecondsPerRequest = numbers.Number(PlanOptions.MaxSeconds, 0, 1e12),
            MaxShare = numbers.Share(PlanOptions.MaxShare),
            MaxStorageBytes = numbers.Bytes(PlanOptions.MaxStorage),
            MaxWaitHours = numbers.Number(PlanOptions.MaxWait, 0, 1e6),
            MinItemsPerClass = numbers.Number(PlanOptions.MinItems, 0, 1e12),
        };
        var (shards, slices) = (numbers.WholeList(PlanOptions.Shards, 1, RecipeLimits.MaxShards), numbers.WholeList(PlanOptions.Slices, 1, RecipeLimits.MaxSlices));
        var windows = numbers.NumberList(PlanOptions.Windows, 0, RequestLoad.HoursOfYear);
        var (draws, seed) = (numbers.Whole(PlanOptions.Draws, 1, 10_000) ?? 40, numbers.Whole(PlanOptions.Seed, 0, long.MaxValue) ?? 17);
        var (given, named) = (Rates(parse, numbers), PlanRisks.Parse(parse, numbers));
        numbers.Throw();

        using var store = isDeclared ? null : CommonOptions.OpenStore(parse);
        var recipe = store?.Recipe ?? ReadRecipe(parse, output);
        var survey = store is null ? null : StoreSurvey.Of(store);
        var classes = PlanRisks.Read(named, recipe, survey, numbers);
        if (given.Rates(survey) is null && budget.MaxSecondsPerRequest is not null)
        {
            numbers.Add("'--max-seconds-per-request' needs to know what training takes: give '--seconds-per-visit', or plan for a store that is trained.");
        }

        numbers.Throw();
        var load = new RequestLoad { PerYear = perYear, SubjectsPerRequest = (int)perRequest, Classes = classes };
        var labels = recipe.Task == TaskKind.Classify ? recipe.Labels.Count : 0;
        var corpus = survey is null
            ? PlannedCorpus.Declare(items!.Value, (int)subjects, exponent, classes, labels > 0 ? 1.0 / labels : 1, (ulong)seed)
            : new PlannedCorpus(Classified(survey, classes, (ulong)seed));
        var candidates = Candidates(recipe, load, shards, slices, windows, corpus);
        var other = Other(recipe.Ensemble, classes) is { } ensemble ? new PlanCandidate(ensemble, recipe.Requests.Window) : null;
        var possible = Possible(candidates, corpus, load, (int)draws);
        return new PlanQuestion
        {
            Recipe = recipe,
            Store = store?.Layout.Root,
            Corpus = corpus,
            SubjectSizes = survey is not null ? "store" : exponent == 0 ? "uniform" : string.Create(CultureInfo.InvariantCulture, $"zipf:{exponent}"),
            Fewest = labels == 0 ? "items" : survey is null ? "items of a label, all labels taken to be equally frequent" : $"items of label {survey.RarestLabel}",
            Load = load,
            Rates = given.Rates(survey),
            Budget = budget,
            Candidates = candidates,
            OtherAssignment = other,
            Draws = possible,
            Seed = (ulong)seed,
            Notes = Notes(recipe, corpus, load, candidates, possible < draws ? possible : null),
        };
    }

    private static void CheckSource(ParseResult parse, bool isDeclared, PlanNumbers numbers)
    {
        if (isDeclared && parse.GetResult(CommonOptions.Store) is { Implicit: false })
        {
            numbers.Add("'--items' is for a corpus that is not there yet, '--store' for one that is: give one of them.");
        }

        foreach (var option in new Option[] { PlanOptions.RecipeFile, PlanOptions.Set, PlanOptions.Subjects, PlanOptions.Sizes }.Where(option => !isDeclared && parse.GetResult(option) is not null))
        {
            numbers.Add($"'{option.Name}' is for a corpus that is not there yet, and '--items' does not say how large it is; of a store, all that is known.");
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
                numbers.Add($"'--subject-sizes {text}' is unknown; expected uniform, or zipf: and an exponent from 0 to {MaxExponent}, as zipf:1.");
                return 0;
        }
    }

    private static GivenRates Rates(ParseResult parse, PlanNumbers numbers)
    {
        var given = new GivenRates(numbers.Number(PlanOptions.SecondsPerVisit, 0, 1e6), numbers.Number(PlanOptions.SecondsPerStage, 0, 1e6), numbers.Number(PlanOptions.SecondsPerRun, 0, 1e6));
        if (given.PerStage is not null && parse.GetValue(PlanOptions.SecondsPerVisit) is null)
        {
            numbers.Add("'--seconds-per-stage' is for '--seconds-per-visit', which is not given.");
        }

        return given;
    }

    private static Recipe ReadRecipe(ParseResult parse, Output output)
    {
        var file = parse.GetValue(PlanOptions.RecipeFile) ?? "sisa.yaml";
        return BaseOption.Resolve(parse, RecipeReader.Read(file, parse.GetValue(PlanOptions.Set) ?? [], isBaseGiven: parse.GetValue(BaseOption.Folder) is not null), file, output);
    }

    // A store without classes does not know who belongs to those that the command line names: they are drawn.
    private static IReadOnlyList<PlannedSubject> Classified(StoreSurvey survey, IReadOnlyList<PlannedRisk> classes, ulong seed)
    {
        if (classes.Count == 0 || survey.ClassNames.Count > 0)
        {
            return survey.Subjects;
        }

        var drawn = PlannedCorpus.Declare(survey.Subjects.Count, survey.Subjects.Count, 0, classes, 1, seed);
        return [.. survey.Subjects.Zip(drawn.Subjects, (real, made) => real with { RiskClass = made.RiskClass })];
    }

    private static EnsembleOptions? Other(EnsembleOptions declared, IReadOnlyList<PlannedRisk> classes) =>
        declared.RiskClasses.Count > 0 ? declared with { RiskClasses = new EnsembleOptions().RiskClasses } : RiskAssignment.Propose(declared, classes);

    private static List<PlanCandidate> Candidates(Recipe recipe, RequestLoad load, IReadOnlyList<int> shards, IReadOnlyList<int> slices, IReadOnlyList<double> windows, PlannedCorpus corpus)
    {
        var (ensemble, window) = (recipe.Ensemble, recipe.Requests.Window);
        if (shards.Count == 0)
        {
            shards = [.. CommonShards.Where(s => s <= corpus.Subjects.Count).Append(ensemble.Shards).Distinct().Order()];
        }

        if (slices.Count == 0)
        {
            slices = [.. CommonSlices.Append(ensemble.Slices).Distinct().Order()];
        }

        if (windows.Count == 0)
        {
            windows = load.PerYear > 0 ? [.. CommonWindows.Append(window).Distinct().Order()] : [window];
        }

        var grid = from s in shards
                   from r in slices
                   let scaled = RiskAssignment.Scale(ensemble, s, r)
                   from w in windows
                   select new PlanCandidate(scaled, w);
        var declared = new PlanCandidate(ensemble, window);
        return [declared, .. grid.Where(c => c != declared)];
    }

    // Whoever asks for a plan of tens of millions gets one with fewer draws, not none.
    private static int Possible(List<PlanCandidate> candidates, PlannedCorpus corpus, RequestLoad load, int draws)
    {
        double subjects = corpus.Subjects.Count, named = Math.Min(subjects, load.PerYear * load.SubjectsPerRequest);
        var work = (subjects * 300)
            + candidates.DistinctBy(c => c.Ensemble).Sum(c => subjects * (30 + c.Ensemble.Slices))
            + candidates.Sum(c => ((double)c.Ensemble.Shards * c.Ensemble.Slices) + (named * (30 + c.Ensemble.Slices)));
        return (int)Math.Clamp(MostWork / work, Math.Min(3, draws), draws);
    }

    private static List<string> Notes(Recipe recipe, PlannedCorpus corpus, RequestLoad load, List<PlanCandidate> candidates, int? fewerDraws)
    {
        var notes = new List<string>(PlacementRule.Unused(recipe.Ensemble));
        if (candidates.Max(c => c.Ensemble.Shards) is var most && most > corpus.Subjects.Count)
        {
            notes.Add($"{Figures.Count(most)} shards are more than {Figures.Count(corpus.Subjects.Count, "subject")}: some stay empty and abstain.");
        }

        if (recipe.Ensemble.Assign == AssignRule.ByBatch)
        {
            notes.Add("The recipe assigns slices by batch; batches are taken to be equally large, and a subject to be in one of them.");
        }

        if (load.PerYear * load.SubjectsPerRequest > corpus.Subjects.Count)
        {
            notes.Add($"More is asked in a year than the {Figures.Count(corpus.Subjects.Count, "subject")} that there are; when all are forgotten, nobody asks.");
        }

        if (fewerDraws is { } draws)
        {
            notes.Add($"So much is simulated that {Figures.Count(draws, "draw")} must do; name fewer candidates for more.");
        }

        return notes;
    }

    private sealed record GivenRates(double? PerVisit, double? PerStage, double? PerRun)
    {
        public PlanRates? Rates(StoreSurvey? survey)
        {
            var known = PerVisit is { } visit ? new PlanRates(visit, PerStage ?? 0) : survey?.Rates;
            return known is null ? null : known with { PerRun = PerRun ?? 0 };
        }
    }
}
