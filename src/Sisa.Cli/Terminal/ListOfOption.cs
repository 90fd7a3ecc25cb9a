using System.CommandLine;
using Sisa.Readers.Lists;

namespace Sisa.Cli.Terminal;

/// <summary>The option that says what lists name which do not say it themselves.</summary>
internal static class ListOfOption
{
    public static Option<ListKind?> Kind { get; } = NamedOption.Create<ListKind>(
        "--list-of", "What the lines of a list without a header name. A list with a header such as 'item' or 'subject', or of JSON objects, says so itself.");

    /// <summary>The value on the command line.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="lists">The options that take lists, of which one must be there.</param>
    /// <exception cref="UsageException">It says what a list names, and names no list.</exception>
    public static ListKind? Of(ParseResult parse, params Option<string?>[] lists)
    {
        var kind = parse.GetValue(Kind);
        return kind is null || lists.Any(list => parse.GetValue(list) is not null)
            ? kind
            : throw new UsageException($"'{Kind.Name}' describes a list, and no list is given.", $"Add {string.Join(" or ", lists.Select(list => $"'{list.Name} LIST'"))}.");
    }
}
