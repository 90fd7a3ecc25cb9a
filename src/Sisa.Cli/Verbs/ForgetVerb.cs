using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training.Launching;
using Sisa.Forgetting;
using Sisa.Serving.Bundles;
using Sisa.Serving.Measuring;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa forget</c>: the life of a request, or of a list of them, from receipt to purge.</summary>
internal static class ForgetVerb
{
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show the plan and its cost, and change nothing." };
    private static readonly Option<bool> Defer = new("--defer") { Description = "Record the request and stop serving its items, and leave the retraining to the next run." };

    private static readonly Option<string> OnUnknown = new Option<string>("--on-unknown")
    {
        Description = "What to do about ids and subjects that the store does not hold. skip: list them and continue with the rest; fail: receive nothing.",
        DefaultValueFactory = _ => "skip",
    }.AcceptOnlyFromAmong("skip", "fail");

    // Receipt never waits, but retraining does: another process that trains will serve this request too.
    private static readonly Option<double?> Wait = new("--wait")
    {
        Description = "How long the retraining may wait, in seconds, for a store that another process holds. Default: up to a day. The receipt never waits for it.",
        HelpName = "SECONDS",
    };

    private static readonly Option<string?> Copy = new("--requester-copy")
    {
        Description = "Write the requester's copy: the ids and nonces that show which items the certificate is about. It can only be written now; the store keeps none of it. For many requests: a folder with one file each.",
        HelpName = "FILE",
    };

    public static Command Create() => new Command("forget", "Forget items, subjects or spans of text, exactly.")
    {
        ForgetOptions.Items, ForgetOptions.Subjects, ForgetOptions.Spans, ForgetOptions.ListFile, ListOfOption.Kind, Confirmation.Yes, NamedSpellings.Match, DuplicateOption.Level, FindOptions.Threshold, ForgetOptions.Reason, ForgetOptions.Policy, DryRun, Defer,
        OnUnknown, ForgetOptions.RequestId, ForgetOptions.Received, CommonOptions.Workers, Wait, Copy, PassphraseOption.File,
    }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        // A receipt cannot be undone, so check the command line completely before it.
        var named = ForgetOptions.OnCommandLine(parse);
        var workerCount = CommonOptions.WorkerCount(parse);
        var patience = parse.GetValue(Wait) is { } seconds ? CommonOptions.Patience(Wait.Name, seconds) : TimeSpan.FromDays(1);

        // Workers start while the store is opened and the request is received. The receipt does not depend on them. Only the store knows what a list names, and so how many workers are needed.
        using var early = parse.GetValue(ForgetOptions.ListFile) is null ? Start(parse, workerCount, [named]) : null;
        using var store = CommonOptions.OpenStore(parse);
        var (asked, isList) = ForgetOptions.Requests(parse, named, store);
        using var late = early is null ? Start(parse, workerCount, asked) : null;
        var workers = early ?? late;
        var spellings = new NamedSpellings(parse, store, asked);
        var (requests, duplicates) = DuplicateOption.Search(parse, store, spellings.Requests, output, cancellation);
        IForgetView view = isList ? new ForgetListView(store, output, duplicates, spellings) : new ForgetView(store, output, duplicates, spellings);
        var hasList = parse.GetValue(ForgetOptions.ListFile) is not null;
        if (hasList || parse.GetValue(DryRun) || parse.GetValue(OnUnknown) == "fail")
        {
            var planned = new Forgetter(store).Plan(requests);
            spellings.Tell(output);
            view.Planned(planned, parse.GetValue(DryRun));
            TellOverdue(requests, planned, store, output);
            if (parse.GetValue(OnUnknown) == "fail")
            {
                RefuseUnknown(planned);
            }

            if (parse.GetValue(DryRun))
            {
                return Answer(planned);
            }

            if (hasList && !Confirmation.OfList(parse, planned, output))
            {
                output.Say("Nothing was received, and nothing was changed.");
                return ExitCode.No;
            }
        }

        var copies = new RequesterCopies(parse.GetValue(Copy), isList);
        var meter = new ForgettingMeter(store, parse.GetValue(Copy) is null ? null : new ServedBundle(store), output.Warn, cancellation);
        using var telling = new ForgetTelling(view, copies, meter, () => workers?.Begin(store), output);
        var life = new RequestLife(store)
        {
            Trainer = () => workers!.Pool(),
            Keys = PassphraseOption.Keys(parse, output),
            Meter = meter,
            Observer = telling,
            HandOver = copies.Write,
            Spellings = () => spellings.Told(output),
            Patience = patience,
            CertificationPatience = CommonOptions.Patience(parse),
        };
        var report = life.Run(requests, parse.GetValue(Defer), cancellation);
        view.Result(report.Outcomes, report.Pending, report.Training);
        var certified = CertificationText.Tell(report.Certified, store, output);
        var purged = report.Training is null ? ExitCode.Done : PurgeNote.Tell(report.Training, output);
        return purged != ExitCode.Done ? purged : report.Pending.Count == 0 && Answer(report.Outcomes) is var answer and not ExitCode.Done ? answer : certified;
    }

    // Each subject is in one shard.
    private static StartingWorkers? Start(ParseResult parse, int workerCount, IReadOnlyList<ForgetRequest> requests) =>
        parse.GetValue(DryRun) || parse.GetValue(Defer) ? null : new StartingWorkers(WorkerCommand.ThisProgram(), workerCount, requests.Sum(r => (long)r.Items.Count + r.Subjects.Count + r.Spans.Count));

    private static void RefuseUnknown(ForgetOutcomes planned)
    {
        string[] faults = [.. planned.Outcomes.SelectMany(o => o.Unknown.Select(id => o.Request is null ? $"'{id}' is not in the store." : $"'{id}' of request '{o.Request}' is not in the store."))];
        if (faults.Length > 0)
        {
            throw new RequestException(faults, "Correct the ids, or skip them with '--on-unknown skip'.");
        }
    }

    // A mistyped year looks like a late request. Report both before the receipt.
    private static void TellOverdue(IReadOnlyList<ForgetRequest> requests, ForgetOutcomes planned, Store store, Output output)
    {
        var (now, wait) = (store.Now, new RetrainingWait(store));
        var overdue = requests.Zip(planned.Outcomes).Where(p => wait.Due(p.First, now) < now && p.Second.Targets.Count > 0).Select(p => p.First).ToArray();
        FirstOfMany.Tell(
            overdue,
            request => output.Warn($"{(request.Id is { } id ? $"Request {id}" : "The request")} is overdue on receipt: it was due {wait.Due(request, now):yyyy-MM-dd HH:mm} UTC. Its retraining does not wait."),
            more => output.Warn($"… and {Figures.Count(more, "more request")} are overdue on receipt."));
    }

    private static ExitCode Answer(ForgetOutcomes outcomes) =>
        outcomes.Outcomes.All(o => (o.Recorded is null || o.IsNothingHeld) && o.Targets.Count == 0 && o.AlreadyForgotten.Count == 0) ? ExitCode.No : ExitCode.Done;
}
