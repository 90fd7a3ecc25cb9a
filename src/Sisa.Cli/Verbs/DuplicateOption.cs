using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Finding;
using Sisa.Engine.Stores;
using Sisa.Finding;
using Sisa.Forgetting;

namespace Sisa.Cli.Verbs;

/// <summary>The option by which a request takes the duplicates of what it names with it.</summary>
internal static class DuplicateOption
{
    public static Option<MatchKind?> Level { get; } = NamedOption.Create<MatchKind>(
        "--with-duplicates", "Find duplicates of the named whole items under other ids, show them, and forget them with the request. exact: equal content; normalised: also different in form only; near: also similar.");

    /// <summary>Adds their duplicates to requests, where the command line asks for it.</summary>
    /// <returns>The requests and the result of the search; <see langword="null"/> without a search.</returns>
    public static (IReadOnlyList<ForgetRequest> Requests, FindReport? Found) Search(ParseResult parse, Store store, IReadOnlyList<ForgetRequest> requests, Output output, CancellationToken cancellation)
    {
        if (parse.GetValue(Level) is not { } level)
        {
            return (requests, null);
        }

        var threshold = FindOptions.ThresholdOf(parse);
        if (level > MatchKind.Exact && !store.Recipe.HasText)
        {
            throw new UsageException($"The items of this store have no texts, so {KebabName.Of(level)} duplicates cannot be found.", "Give '--with-duplicates exact'.");
        }

        var found = DuplicateExpansion.Search(store, requests, level, threshold, cancellation);
        if (found.OnlySpans)
        {
            throw new UsageException("The request names only spans, and duplicates are found of whole items only.", "Find other places of a text with 'sisa find --text'.");
        }

        if (found.WholeItems > 0)
        {
            FindView.TellDuplicates(found.Report, output);
        }

        return (found.Requests, found.Report);
    }
}
