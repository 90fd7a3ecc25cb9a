using System.Globalization;
using Sisa.Engine.Stores;
using Sisa.Planning;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Engine.Planning;

/// <summary>Turns an inquiry into a question that can be simulated: fills in defaults, and notes how it was understood.</summary>
public static class PlanComposer
{
    // A second or two of simulation on one core; above it, fewer years are drawn.
    private const double MostWork = 1.5e9;

    private static readonly int[] CommonShards = [1, 2, 5, 10, 20, 50];
    private static readonly int[] CommonSlices = [1, 2, 4, 8];
    private static readonly double[] CommonWindows = [0, 24, 168];

    /// <summary>Asks about a store, by its recipe, its subjects, its labels and what its training took.</summary>
    /// <param name="inquiry">The inquiry.</param>
    /// <param name="store">The store.</param>
    /// <exception cref="NotFoundException">The store holds no items.</exception>
    /// <exception cref="PlanException">The parts of the inquiry contradict each other.</exception>
    public static PlanQuestion Compose(PlanInquiry inquiry, Store store)
    {
        ArgumentNullException.ThrowIfNull(inquiry);
        ArgumentNullException.ThrowIfNull(store);
        var survey = StoreSurvey.Of(store);
        var load = Load(inquiry, store.Recipe, survey);
        var question = Compose(inquiry, store.Recipe, load, new PlannedCorpus(Classified(survey, load.Classes, inquiry.Seed)), survey);
        return question with { Store = store.Layout.Root, SubjectSizes = "store", Fewest = survey.RarestLabel is { } label ? $"items of label {label}" : "items" };
    }

    /// <summary>Asks about a corpus that is not there yet.</summary>
    /// <param name="inquiry">The inquiry.</param>
    /// <param name="declared">The corpus.</param>
    /// <exception cref="PlanException">The parts of the inquiry contradict each other.</exception>
    public static PlanQuestion Compose(PlanInquiry inquiry, DeclaredCorpus declared)
    {
        ArgumentNullException.ThrowIfNull(inquiry);
        ArgumentNullException.ThrowIfNull(declared);
        var recipe = declared.Recipe;
        var load = Load(inquiry, recipe, null);
        var labels = recipe.Task == TaskKind.Classify ? recipe.Labels.Count : 0;
        var corpus = PlannedCorpus.Declare(declared.Items, declared.Subjects, declared.Exponent, load.Classes, labels > 0 ? 1.0 / labels : 1, inquiry.Seed);
        return Compose(inquiry, recipe, load, corpus, null) with
        {
            SubjectSizes = declared.Exponent == 0 ? "uniform" : string.Create(CultureInfo.InvariantCulture, $"zipf:{declared.Exponent}"),
            Fewest = labels == 0 ? "items" : "items of a label, with all labels equally frequent",
        };
    }

    private static RequestLoad Load(PlanInquiry inquiry, Recipe recipe, StoreSurvey? survey)
    {
        var faults = new List<string>();
        var classes = PlanRisks.Of(inquiry.Risks, recipe, survey, faults);
        if (inquiry.Rates(survey) is null && inquiry.Budget.MaxSecondsPerRequest is not null)
        {
            faults.Add("A limit on seconds needs the speed of training: give the seconds of a visit, or plan for a trained store.");
        }

        return faults.Count > 0
            ? throw new PlanException(faults)
            : new RequestLoad { PerYear = inquiry.RequestsPerYear, SubjectsPerRequest = inquiry.SubjectsPerRequest, Classes = classes };
    }

    private static PlanQuestion Compose(PlanInquiry inquiry, Recipe recipe, RequestLoad load, PlannedCorpus corpus, StoreSurvey? survey)
    {
        var candidates = Candidates(recipe, load, inquiry, corpus);
        var draws = Possible(candidates, corpus, load, inquiry.Draws);
        return new PlanQuestion
        {
            Recipe = recipe,
            Store = null,
            Corpus = corpus,
            SubjectSizes = string.Empty,
            Fewest = string.Empty,
            Load = load,
            Rates = inquiry.Rates(survey),
            Budget = inquiry.Budget,
            Candidates = candidates,
            OtherAssignment = Other(recipe.Ensemble, load.Classes) is { } ensemble ? new PlanCandidate(ensemble, recipe.Requests.Window) : null,
            Draws = draws,
            Seed = inquiry.Seed,
            Notes = Notes(recipe, corpus, load, candidates, draws < inquiry.Draws ? draws : null),
        };
    }

    // A store without classes does not know who belongs to those that are asked about: they are drawn.
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

    private static List<PlanCandidate> Candidates(Recipe recipe, RequestLoad load, PlanInquiry inquiry, PlannedCorpus corpus)
    {
        var (ensemble, window) = (recipe.Ensemble, recipe.Requests.Window);
        IReadOnlyList<int> shards = inquiry.Shards.Count > 0 ? inquiry.Shards : [.. CommonShards.Where(s => s <= corpus.Subjects.Count).Append(ensemble.Shards).Distinct().Order()];
        IReadOnlyList<int> slices = inquiry.Slices.Count > 0 ? inquiry.Slices : [.. CommonSlices.Append(ensemble.Slices).Distinct().Order()];
        IReadOnlyList<double> windows = inquiry.Windows.Count > 0 ? inquiry.Windows : load.PerYear > 0 ? [.. CommonWindows.Append(window).Distinct().Order()] : [window];
        var grid = from s in shards
                   from r in slices
                   let scaled = RiskAssignment.Scale(ensemble, s, r)
                   from w in windows
                   select new PlanCandidate(scaled, w);
        var declared = new PlanCandidate(ensemble, window);
        return [declared, .. grid.Where(c => c != declared)];
    }

    // A plan for tens of millions of subjects gets fewer draws, not none.
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
            notes.Add($"There are more shards ({Figures.Count(most)}) than subjects ({Figures.Count(corpus.Subjects.Count)}): some shards stay empty and abstain.");
        }

        if (recipe.Ensemble.Assign == AssignRule.ByBatch)
        {
            notes.Add("The recipe assigns slices by batch. The plan assumes batches of equal size, and each subject in one batch.");
        }

        if (load.PerYear * load.SubjectsPerRequest > corpus.Subjects.Count)
        {
            notes.Add($"A year has more requests than the {Figures.Count(corpus.Subjects.Count, "subject")} of the corpus. Requests end when all subjects are forgotten.");
        }

        if (fewerDraws is { } draws)
        {
            notes.Add($"The simulation is large, so it is limited to {Figures.Count(draws, "draw")}. Name fewer candidates for more draws.");
        }

        return notes;
    }
}
