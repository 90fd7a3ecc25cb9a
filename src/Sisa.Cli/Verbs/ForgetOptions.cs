using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.Readers.Lists;

namespace Sisa.Cli.Verbs;

/// <summary>The names to forget: from the command line, from a list, or both.</summary>
internal static class ForgetOptions
{
    public static Option<string[]> Items { get; } = Several("--item", "Items by id.", "ID");

    public static Option<string[]> Subjects { get; } = Several("--subject", "Subjects, each with all of its items.", "SUBJECT");

    public static Option<string[]> Spans { get; } = Several("--span", "Spans of the one item that '--item' names. The rest of the item stays. Half-open, in code points of the text as first ingested.", "A..B");

    public static Option<string?> ListFile { get; } = new("--file")
    {
        Description = "A list of items, subjects and spans: JSON objects, columns with a header, or one name a line (see '--list-of'). Lines with 'request' name the request that they belong to, and may have its 'reason', 'due' and 'received'.",
        HelpName = "LIST",
    };

    public static Option<ForgetReason?> Reason { get; } = NamedOption.Create<ForgetReason>("--reason", "Why.", ForgetReason.Privacy);

    public static Option<ForgetPolicy?> Policy { get; } = NamedOption.Create<ForgetPolicy>("--policy", "What is served of an affected shard until it is retrained. fallback: its clean checkpoint; exclude: nothing of this shard; suspend: nothing of the whole ensemble.", ForgetPolicy.Fallback);

    public static Option<DateTimeOffset?> Received { get; } = MomentOption.Create("--received", "The day on which you received the request, if it was earlier. Its due date counts from the beginning of that day.", endsDay: false);

    public static Option<string?> RequestId { get; } = new("--request-id") { Description = "Name of the request. Receiving the same name twice changes nothing.", HelpName = "NAME" };

    /// <summary>The names on the command line.</summary>
    /// <exception cref="UsageException">It is wrong, or nothing is named, in a list neither.</exception>
    public static ForgetRequest OnCommandLine(ParseResult parse)
    {
        ListOfOption.Of(parse, ListFile);
        var named = Named(parse);
        return parse.GetValue(ListFile) is null && IsNothing(named)
            ? throw new UsageException("The command names nothing to forget.", "Give '--item', '--subject' or '--file'.")
            : named;
    }

    /// <summary>The requests, and whether a list names them: several, or one that is one of several.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="named">The names on the command line.</param>
    /// <param name="store">The store that a list is about.</param>
    public static (IReadOnlyList<ForgetRequest> Requests, bool IsList) Requests(ParseResult parse, ForgetRequest named, Store store)
    {
        if (parse.GetValue(ListFile) is not { } file)
        {
            return ([named], false);
        }

        var listed = RequestList.Read(file, named with { Items = [], Subjects = [], Spans = [] }, StoredNames.Reading(store, parse.GetValue(ListOfOption.Kind)));
        if (listed is [var only] && only.Id == named.Id)
        {
            return ([only with { Items = [.. named.Items, .. only.Items], Subjects = [.. named.Subjects, .. only.Subjects], Spans = [.. named.Spans, .. only.Spans] }], false);
        }

        return IsNothing(named) ? (listed, true) : throw new UsageException("The list names its requests, and the command line names further items.", "Use '--item', '--subject' and '--span' in a separate command.");
    }

    private static bool IsNothing(ForgetRequest named) => named.Items.Count + named.Subjects.Count + named.Spans.Count == 0;

    private static ForgetRequest Named(ParseResult parse)
    {
        var items = parse.GetValue(Items) ?? [];
        var spans = new List<ItemSpan>();
        foreach (var text in parse.GetValue(Spans) ?? [])
        {
            if (items.Length != 1 || !TextSpan.TryParse(text, out var span))
            {
                throw new UsageException(
                    items.Length == 1 ? $"'--span {text}' is not a span." : $"'--span' needs exactly one '--item', found {items.Length}.",
                    "Write '--item ID --span A..B': two whole numbers, the second above the first.");
            }

            spans.Add(new ItemSpan(items[0], span));
        }

        return new ForgetRequest
        {
            Id = Name(parse),
            Items = spans.Count > 0 ? [] : items,
            Subjects = parse.GetValue(Subjects) ?? [],
            Spans = spans,
            Reason = parse.GetValue(Reason) ?? ForgetReason.Privacy,
            Policy = parse.GetValue(Policy) ?? ForgetPolicy.Fallback,
            Received = parse.GetValue(Received),
        };
    }

    private static string? Name(ParseResult parse) => parse.GetValue(RequestId) is not { } name || ForgetRequest.IsName(name)
        ? parse.GetValue(RequestId)
        : throw new UsageException($"'--request-id {name}' is not a valid name.", $"Give 1 to {ForgetRequest.MaxNameLength} of the characters A-Z, a-z, 0-9, '.', '_' and '-', the first not '.'.");

    private static Option<string[]> Several(string name, string description, string help) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = help };
}
