using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;

namespace Sisa.Cli.Verbs;

/// <summary>Asks a person before a list of several subjects is forgotten, which cannot be undone. Scripts are not asked.</summary>
internal static class Confirmation
{
    public static Option<bool> Yes { get; } = new("--yes") { Description = "Do not ask. On a terminal, a list that names more than one subject is shown and must be confirmed. Without a terminal, there is no question." };

    /// <summary>Whether a list may be received.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="planned">Its resolved names, already shown.</param>
    /// <param name="output">Where to ask.</param>
    public static bool OfList(ParseResult parse, ForgetOutcomes planned, Output output)
    {
        var targets = planned.Outcomes.SelectMany(outcome => outcome.Targets).ToArray();
        var subjects = targets.Select(target => target.Subject).Distinct(StringComparer.Ordinal).Count();
        if (subjects < 2 || parse.GetValue(Yes) || Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            return true;
        }

        var items = targets.Select(target => target.Item).Distinct(StringComparer.Ordinal).Count();
        output.Errors.Write($"The list names {Figures.Count(items, "item")} of {Figures.Count(subjects, "subject")}. Forget them? This cannot be undone. [y/N] ");
        output.Errors.Flush();
        return Console.ReadLine()?.Trim() is { } answer && (answer.Equals("y", StringComparison.OrdinalIgnoreCase) || answer.Equals("yes", StringComparison.OrdinalIgnoreCase));
    }
}
