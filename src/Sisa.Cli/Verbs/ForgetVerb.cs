using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa forget</c>: the life of a request, from receipt to purge.</summary>
internal static class ForgetVerb
{
    private static readonly Option<string[]> Items = Several("--item", "Items by id.", "ID");
    private static readonly Option<string[]> Subjects = Several("--subject", "Subjects, each with all of its items.", "SUBJECT");
    private static readonly Option<string[]> Spans = Several("--span", "Spans of the one item that '--item' names; the item stays without them. Half-open, in code points of the text as first ingested.", "A..B");
    private static readonly Option<string?> ListFile = new("--file") { Description = "A list of items, subjects and spans: JSONL, CSV with a header, or one item id a line.", HelpName = "LIST" };
    private static readonly Option<ForgetReason?> Reason = NamedOption.Create<ForgetReason>("--reason", "Why.", ForgetReason.Privacy);
    private static readonly Option<ForgetPolicy?> Policy = NamedOption.Create<ForgetPolicy>("--policy", "What is served of an affected shard until it is retrained: its clean checkpoint, nothing, or nothing at all of the whole ensemble.", ForgetPolicy.Fallback);
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show what would be done and what it would cost; change nothing." };
    private static readonly Option<bool> Defer = new("--defer") { Description = "Record the request and take the items out of what is served; leave the retraining to the next run." };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "Name of the request; receiving the same name twice changes nothing.", HelpName = "NAME" };

    // Receipt never waits, but retraining does: another process that trains will serve this request too.
    private static readonly Option<double?> Wait = new("--wait")
    {
        Description = "How long the retraining may wait, in seconds, for a store that another process holds; by default up to a day. The receipt never waits for it.",
        HelpName = "SECONDS",
    };

    private static readonly Option<string?> Copy = new("--requester-copy")
    {
        Description = "Write what the requester needs to show that the certificate is about these items: ids and nonces. It is written now or never; the store keeps none of it.",
        HelpName = "FILE",
    };

    public static Command Create() => new Command("forget", "Forget items, subjects or spans of text, exactly.")
    {
        Items, Subjects, Spans, ListFile, Reason, Policy, DryRun, Defer, RequestId, CommonOptions.Workers, Wait, Copy, PassphraseOption.File,
    }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        // A receipt cannot be taken back, so that whatever is wrong with the command line must be found before it.
        var list = Targets(parse);
        var name = Name(parse);
        var workerCount = CommonOptions.WorkerCount(parse);
        var patience = parse.GetValue(Wait) is { } seconds ? CommonOptions.Patience(Wait.Name, seconds) : TimeSpan.FromDays(1);
        using var store = CommonOptions.OpenStore(parse);
        var request = new ForgetRequest
        {
            Id = name,
            Items = [.. list.Items],
            Subjects = [.. list.Subjects],
            Spans = list.Spans,
            Reason = parse.GetValue(Reason) ?? ForgetReason.Privacy,
            Policy = parse.GetValue(Policy) ?? ForgetPolicy.Fallback,
        };
        if (parse.GetValue(DryRun))
        {
            var planned = new Forgetter(store).Plan(request);
            ForgetView.Plan(store, planned, output);
            return Answer(planned);
        }

        var waits = Waits(parse, store);

        // Workers load libtorch while the request is received and its fallback published; receipt does not depend on them.
        var starting = Task.Run(() => waits is null ? CommonOptions.StartWorkers(store.Layout, store.Recipe, workerCount) : null, cancellation);
        var outcome = Receive(store, request, waits, output);
        HandOver(outcome, parse.GetValue(Copy), output);
        if (outcome.Recorded is not { } recorded || waits is not null || recorded.State >= RequestState.Purged)
        {
            ForgetView.Result(store, outcome, null, output);
            starting.GetAwaiter().GetResult()?.Dispose();
            return Answer(outcome) is var answer && answer == ExitCode.Done && waits is null ? Certify(parse, store, output) : answer;
        }

        using var workers = starting.GetAwaiter().GetResult();
        using var view = new TrainingView(output);
        var report = new EnsembleTrainer(store, workers!).BringUpToDate(patience, view, cancellation);
        view.Dispose();
        var purged = PurgeNote.Tell(report, output);
        var certified = Certification.Run(parse, store, output);
        ForgetView.Result(store, outcome, report, output);
        certified.Tell(store, output);
        return purged != ExitCode.Done ? purged : certified.ExitCode;
    }

    // A command that was interrupted may have come as far as the purge; repeated, it finds everything forgotten, and owes the certificate.
    private static ExitCode Certify(ParseResult parse, Store store, Output output)
    {
        var certified = Certification.Run(parse, store, output);
        certified.Tell(store, output);
        return certified.ExitCode;
    }

    private static void HandOver(ForgetOutcome outcome, string? file, Output output)
    {
        if (file is null || outcome.Copy is not { } copy)
        {
            return;
        }

        DurableFile.Write(Path.GetFullPath(file), copy.ToBytes(), ownerOnly: true);
        output.Say($"The requester's copy is in {file}: hand it over and remove it. Nobody else can show which items the certificate is about.");
    }

    // Receives the request and takes what it names out of what is served. Where nothing is left to record, what is recorded is the request that
    // asked for it before and is not finished: whoever repeats an interrupted command goes on with it.
    private static ForgetOutcome Receive(Store store, ForgetRequest request, DateTimeOffset? waits, Output output)
    {
        var forgetter = new Forgetter(store);
        var outcome = forgetter.Receive(request, waits);
        if (outcome.Recorded is { } recorded)
        {
            var current = recorded.State == RequestState.Received ? forgetter.PublishFallback(recorded.Number) : recorded;
            ForgetView.Received(store, outcome, current, output);
            return outcome with { Recorded = current };
        }

        var unfinished = outcome.AlreadyForgotten.Count > 0 ? Unfinished(store, request) : [];
        ForgetView.Nothing(outcome, unfinished, output);
        return outcome with { Recorded = unfinished.LastOrDefault() };
    }

    // One that waits for others is left to wait, unless it is what was named.
    private static RequestRow[] Unfinished(Store store, ForgetRequest request)
    {
        var items = request.Items.Concat(request.Spans.Select(s => s.Item)).ToHashSet(StringComparer.Ordinal);
        var subjects = request.Subjects.ToHashSet(StringComparer.Ordinal);
        var named = store.Manifest.Requests.Targets().Where(t => items.Contains(t.Item) || subjects.Contains(t.Subject)).Select(t => t.Request).ToHashSet();
        return [.. store.Manifest.Requests.Pending().Where(r => named.Contains(r.Number) || r.State >= RequestState.Published || r.Waits is null || r.Waits <= store.Now)];
    }

    private static ExitCode Answer(ForgetOutcome outcome) =>
        outcome.Recorded is null && outcome.Targets.Count == 0 && outcome.AlreadyForgotten.Count == 0 ? ExitCode.No : ExitCode.Done;

    // It becomes the name of a file.
    private static string? Name(ParseResult parse)
    {
        const int MaxLength = 100;
        return parse.GetValue(RequestId) is not { } name || (name.Length is > 0 and <= MaxLength && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            ? parse.GetValue(RequestId)
            : throw new UsageException($"'--request-id {name}' is not a name.", $"Give 1 to {MaxLength} of the characters A-Z, a-z, 0-9, '.', '_' and '-', the first not '.'.");
    }

    private static DateTimeOffset? Waits(ParseResult parse, Store store)
    {
        if (parse.GetValue(Defer))
        {
            return store.Now.AddDays(store.Recipe.Requests.DueDays);
        }

        if (store.Recipe.Requests.Window <= 0)
        {
            return null;
        }

        // The window opens with the first request that waits; once it is over, the next request retrains for all.
        var window = TimeSpan.FromHours(store.Recipe.Requests.Window);
        var opened = store.Manifest.Requests.Pending().Where(r => r.State < RequestState.Published).Select(r => r.Received).DefaultIfEmpty(store.Now).Min();
        return opened + window > store.Now ? opened + window : null;
    }

    private static TargetList Targets(ParseResult parse)
    {
        var items = parse.GetValue(Items) ?? [];
        var subjects = parse.GetValue(Subjects) ?? [];
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

        var list = parse.GetValue(ListFile) is { } file ? TargetList.Read(file) : TargetList.Empty;
        var whole = spans.Count > 0 ? [] : items;
        return whole.Length + subjects.Length + spans.Count + list.Items.Count + list.Subjects.Count + list.Spans.Count > 0
            ? new TargetList(whole.Concat(list.Items), subjects.Concat(list.Subjects), spans.Concat(list.Spans))
            : throw new UsageException("Nothing is named that shall be forgotten.", "Give '--item', '--subject' or '--file'.");
    }

    private static Option<string[]> Several(string name, string description, string help) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = help };
}
