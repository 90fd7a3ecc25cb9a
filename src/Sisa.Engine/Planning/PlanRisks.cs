using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Engine.Planning;

/// <summary>Risk classes of a plan: their members and shares, from the inquiry and, if there is one, from the store.</summary>
internal static class PlanRisks
{
    private const double Tolerance = 1e-6;

    /// <summary>The classes; none where none is named or declared.</summary>
    /// <param name="named">The classes of the inquiry.</param>
    /// <param name="recipe">The recipe, whose classes must be the same where it declares any.</param>
    /// <param name="survey">The survey of the store, or <see langword="null"/>.</param>
    /// <param name="faults">Receives what is wrong.</param>
    public static IReadOnlyList<PlannedRisk> Of(IReadOnlyList<AskedRisk> named, Recipe recipe, StoreSurvey? survey, List<string> faults)
    {
        var declared = recipe.Ensemble.RiskClassNames;
        var areKnown = survey is not null && declared.Count > 0;
        var given = Given(named, declared, areKnown, faults);
        string[] names = declared.Count > 0 ? [.. declared] : [.. given.Keys];
        var rest = names.Where(name => !given.ContainsKey(name)).ToArray();
        var requestsLeft = 1 - given.Values.Sum(c => c.Requests);
        var subjectsLeft = 1 - given.Values.Sum(c => c.Subjects);
        if (areKnown)
        {
            // In the unnamed class, every subject asks equally often.
            var others = Enumerable.Range(0, names.Length).Where(i => rest.Contains(names[i])).Sum(survey!.ShareOf);
            Check(requestsLeft, rest.Length == 0, "requests", faults);
            return [.. names.Select((name, i) => new PlannedRisk(name, survey.ShareOf(i), given.TryGetValue(name, out var c) ? c.Requests : others > 0 ? requestsLeft * survey.ShareOf(i) / others : 0))];
        }

        if (names.Length == 0)
        {
            return [];
        }

        if (rest.Length > 1)
        {
            faults.Add($"The recipe declares the risk classes {string.Join(", ", names)}. Give the shares of all of them but one.");
        }

        var isComplete = rest.Length == 0 && subjectsLeft <= Tolerance && requestsLeft <= Tolerance;
        Check(subjectsLeft, isComplete || (declared.Count > 0 && rest.Length == 0), "subjects", faults);
        Check(requestsLeft, isComplete || (declared.Count > 0 && rest.Length == 0), "requests", faults);
        var classes = given.Select(c => new PlannedRisk(c.Key, c.Value.Subjects, c.Value.Requests)).ToList();
        if (!isComplete)
        {
            classes.Add(new PlannedRisk(rest.FirstOrDefault() ?? "other", Math.Max(0, subjectsLeft), Math.Max(0, requestsLeft)));
        }

        return classes;
    }

    private static Dictionary<string, (double Subjects, double Requests)> Given(IReadOnlyList<AskedRisk> named, IReadOnlyList<string> declared, bool areKnown, List<string> faults)
    {
        var given = new Dictionary<string, (double Subjects, double Requests)>(StringComparer.Ordinal);
        foreach (var (name, shares) in named)
        {
            if (shares.Count != (areKnown ? 1 : 2))
            {
                faults.Add(areKnown
                    ? $"Risk class {name} has two shares. This store knows the members of its classes: give only the share of the requests, such as {name}=80%."
                    : $"Risk class {name} has one share. Give the share of the subjects and the share of the requests, such as {name}=10%:80%.");
            }
            else if (declared.Count > 0 && !declared.Contains(name))
            {
                faults.Add($"Risk class {name} is not declared by the recipe; it declares {string.Join(", ", declared)}.");
            }

            given[name] = (shares[0], shares[^1]);
        }

        return given;
    }

    private static void Check(double left, bool mustBeNothing, string what, List<string> faults)
    {
        if (left < -Tolerance || (mustBeNothing && left > Tolerance))
        {
            faults.Add(FormattableString.Invariant($"The risk classes' shares of the {what} add up to {1 - left:0.###}{(mustBeNothing ? ", not to 1" : ", more than 1")}."));
        }
    }
}
