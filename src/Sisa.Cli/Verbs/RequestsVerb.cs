using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Reporting;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa requests</c>: requests to forget, page by page, one by one, and their due dates.</summary>
internal static class RequestsVerb
{
    private const int MostOnPage = 10_000;

    private static readonly Argument<string> Request = new("request") { Description = "Name of the request." };
    private static readonly Option<bool> Open = new("--open") { Description = "Show requests that are not finished." };
    private static readonly Option<RequestState?> State = NamedOption.Create<RequestState>("--state", "Show requests in this state.");
    private static readonly Option<bool> Overdue = new("--overdue") { Description = "Show requests that are late, or were finished late." };
    private static readonly Option<DateTimeOffset?> DueBefore = MomentOption.Create("--due-before", "Show requests that are due before this day.", endsDay: false);
    private static readonly Option<int> Limit = new("--limit") { Description = "Largest number of requests to show.", DefaultValueFactory = _ => 100, HelpName = "N" };
    private static readonly Option<string?> After = new("--after") { Description = "The last request of the previous page; shows the next page.", HelpName = "REQUEST" };
    private static readonly Option<DateTimeOffset?> Due = MomentOption.Create("--due", "The new due date, to the end of that day.", endsDay: true);
    private static readonly Option<ExtensionReason?> Reason = NamedOption.Create<ExtensionReason>("--reason", "Why.");

    public static Command Create() => new("requests", "List and show requests to forget, and extend their due dates.")
    {
        new Command("list", "List requests, the earliest due date first.") { Open, State, Overdue, DueBefore, Limit, After }.Does(List),
        new Command("show", "Show one request: its state, dates, figures and certificates.") { Request }.Does(Show),
        new Command("extend", $"Move the due date of a request. It can be moved once, before it is due, by at most {DueDates.MostMonths} months. The GDPR, Article 12(3), requires that you inform the person within a month of the receipt.") { Request, Due, Reason }.Does(Extend),
    };

    private static ExitCode List(ParseResult parse, Output output, CancellationToken cancellation)
    {
        if (parse.GetValue(Open) && parse.GetValue(State) is not null)
        {
            throw new UsageException("'--open' and '--state' both choose states.", "Give one of them.");
        }

        var limit = parse.GetValue(Limit) is var wanted and >= 1 and <= MostOnPage ? wanted : throw new UsageException($"'--limit {parse.GetValue(Limit)}' is not allowed.", $"Give 1 to {MostOnPage}.");
        using var store = CommonOptions.OpenStore(parse);
        var list = RequestListReport.Of(store, new RequestFilter
        {
            States = parse.GetValue(Open) ? RequestFilter.Open : parse.GetValue(State) is { } state ? [state] : [],
            Overdue = parse.GetValue(Overdue) ? true : null,
            DueBefore = parse.GetValue(DueBefore),
            Limit = limit,
            After = parse.GetValue(After) is { } name ? RequestReport.Row(store, name) : null,
        });
        if (output.Json)
        {
            output.WriteJson(list);
            return ExitCode.Done;
        }

        RequestGrid.Write(list.Requests, output);
        output.Say($"{Figures.Count(list.Requests.Count)} of {Figures.Count(list.Total, "request")}{(list.Next is { } next ? $". Next page: sisa requests list … --after {next}" : string.Empty)}.");
        return ExitCode.Done;
    }

    private static ExitCode Show(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var report = RequestReport.Of(store, parse.GetValue(Request)!);
        if (output.Json)
        {
            output.WriteJson(report);
            return ExitCode.Done;
        }

        foreach (var (name, value) in RequestGrid.Lines(report))
        {
            output.WriteData($"{name + ":",-20}{value}");
        }

        return ExitCode.Done;
    }

    private static ExitCode Extend(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var due = parse.GetValue(Due) ?? throw new UsageException("The command gives no new due date.", "Give '--due', a day such as 2026-12-24.");
        var reason = parse.GetValue(Reason) ?? throw new UsageException("The command gives no reason.", $"Give '--reason' {string.Join(" or ", KebabName.All<ExtensionReason>().Keys)}.");
        using var store = CommonOptions.OpenStore(parse);
        var row = new DueDates(store).Extend(parse.GetValue(Request)!, due, reason);
        output.Say($"Request {row.Id} is due {row.Due:yyyy-MM-dd} instead of {row.Summary.Extension!.From:yyyy-MM-dd} ({KebabName.Of(reason)}). Inform the person, with the reason, within a month of the receipt.");
        if (output.Json)
        {
            output.WriteJson(RequestStatus.Of(row, store.Now));
        }

        return ExitCode.Done;
    }
}
