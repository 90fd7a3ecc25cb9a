using System.CommandLine;
using Sisa.Engine.Planning;
using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary>Risk classes of a plan: who belongs to them and who asks, from the command line and, where there is one, from the store.</summary>
internal static class PlanRisks
{
    private const double Tolerance = 1e-6;

    /// <summary>What the command line says of classes: a name, and one share or two.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="numbers">Receives what is wrong.</param>
    public static IReadOnlyList<(string Name, double[] Shares)> Parse(ParseResult parse, PlanNumbers numbers)
    {
        var classes = new List<(string Name, double[] Shares)>();
        foreach (var text in parse.GetValue(PlanOptions.Risks) ?? [])
        {
            var (name, shares) = text.LastIndexOf('=') is var at and > 0 ? (text[..at], text[(at + 1)..].Split(':')) : (string.Empty, []);
            if (shares.Length is not (1 or 2) || !shares.All(share => PlanNumbers.TryShare(share, out _)))
            {
                numbers.Add($"'--risk {text}' is not a class: give the share of the subjects and that of the requests, as high=10%:80%.");
            }
            else if (classes.Exists(c => c.Name == name))
            {
                numbers.Add($"'--risk' names class {name} twice.");
            }
            else
            {
                classes.Add((name, [.. shares.Select(share => PlanNumbers.TryShare(share, out var value) ? value : 0)]));
            }
        }

        return classes;
    }

    /// <summary>The classes; none where none is named or declared.</summary>
    /// <param name="named">What the command line says.</param>
    /// <param name="recipe">The recipe, whose classes must be the same where it declares any.</param>
    /// <param name="survey">What the store knows, or <see langword="null"/>.</param>
    /// <param name="numbers">Receives what is wrong.</param>
    public static IReadOnlyList<PlannedRisk> Read(IReadOnlyList<(string Name, double[] Shares)> named, Recipe recipe, StoreSurvey? survey, PlanNumbers numbers)
    {
        var declared = recipe.Ensemble.RiskClassNames;
        var areKnown = survey is not null && declared.Count > 0;
        var given = new Dictionary<string, (double Subjects, double Requests)>(StringComparer.Ordinal);
        foreach (var (name, shares) in named)
        {
            if (shares.Length != (areKnown ? 1 : 2))
            {
                numbers.Add(areKnown
                    ? $"'--risk {name}=…' gives two shares; this store knows who belongs to its classes: give the share of the requests alone, as {name}=80%."
                    : $"'--risk {name}=…' gives one share; give the share of the subjects and that of the requests, as {name}=10%:80%.");
            }
            else if (declared.Count > 0 && !declared.Contains(name))
            {
                numbers.Add($"'--risk {name}=…' names a class that the recipe does not declare; it declares {string.Join(", ", declared)}.");
            }

            given[name] = (shares[0], shares[^1]);
        }

        string[] names = declared.Count > 0 ? [.. declared] : [.. given.Keys];
        var rest = names.Where(name => !given.ContainsKey(name)).ToArray();
        var requestsLeft = 1 - given.Values.Sum(c => c.Requests);
        var subjectsLeft = 1 - given.Values.Sum(c => c.Subjects);
        if (areKnown)
        {
            // Of those that nobody named, every subject asks as often as another.
            var others = Enumerable.Range(0, names.Length).Where(i => rest.Contains(names[i])).Sum(survey!.ShareOf);
            Check(requestsLeft, rest.Length == 0, "requests", numbers);
            return [.. names.Select((name, i) => new PlannedRisk(name, survey.ShareOf(i), given.TryGetValue(name, out var c) ? c.Requests : others > 0 ? requestsLeft * survey.ShareOf(i) / others : 0))];
        }

        if (names.Length == 0)
        {
            return [];
        }

        if (rest.Length > 1)
        {
            numbers.Add($"The recipe declares the risk classes {string.Join(", ", names)}; '--risk' must say of all but one who belongs to them and how often they ask.");
        }

        var isComplete = rest.Length == 0 && subjectsLeft <= Tolerance && requestsLeft <= Tolerance;
        Check(subjectsLeft, isComplete || (declared.Count > 0 && rest.Length == 0), "subjects", numbers);
        Check(requestsLeft, isComplete || (declared.Count > 0 && rest.Length == 0), "requests", numbers);
        var classes = given.Select(c => new PlannedRisk(c.Key, c.Value.Subjects, c.Value.Requests)).ToList();
        if (!isComplete)
        {
            classes.Add(new PlannedRisk(rest.FirstOrDefault() ?? "other", Math.Max(0, subjectsLeft), Math.Max(0, requestsLeft)));
        }

        return classes;
    }

    private static void Check(double left, bool mustBeNothing, string what, PlanNumbers numbers)
    {
        if (left < -Tolerance || (mustBeNothing && left > Tolerance))
        {
            numbers.Add(FormattableString.Invariant($"The shares of the {what} that '--risk' gives add up to {1 - left:0.###}{(mustBeNothing ? ", not to 1" : ", more than 1")}."));
        }
    }
}
