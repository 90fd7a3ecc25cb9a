using Sisa.Forgetting;

namespace Sisa.Readers.Lists;

/// <summary>A list of requests to forget: what <c>sisa forget --file</c> takes.</summary>
/// <remarks>The forms of a <see cref="TargetList"/>, with four columns more: <c>request</c> names the request that a line belongs to, <c>reason</c> and <c>due</c> are
/// its reason and due date, <c>received</c> is when the controller received it. Without names all lines are one request.</remarks>
public static class RequestList
{
    private static readonly ListRole[] Roles = [.. ListReader.TargetRoles, ListRole.Request, ListRole.Reason, ListRole.Due, ListRole.Received];

    /// <summary>Reads a list.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="defaults">Reason and policy of requests that name none, and the name of the one request where lines name none.</param>
    /// <param name="reading">How to understand the list; <see langword="null"/> for its own header or keys only.</param>
    /// <returns>The requests in the order in which they first appear.</returns>
    /// <exception cref="CorpusException">The file cannot be read, its form is not certain, it is empty, or a line is wrong.</exception>
    /// <exception cref="RequestException">Several lines are wrong; all are listed.</exception>
    public static IReadOnlyList<ForgetRequest> Read(string path, ForgetRequest defaults, ListReading? reading = null)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        var faults = new List<CorpusException>();
        var entries = new ListReader(path, Roles, reading ?? new ListReading(), faults.Add).Read();
        var isNamed = entries.Any(e => e.Others.ContainsKey(ListRole.Request));
        if (isNamed && defaults.Id is { } name)
        {
            throw new CorpusException($"The lines name their requests, and the command gives the name '{name}' to all.", $"Remove {Step.NameRequest}, or the names from the list.", path);
        }

        var requests = entries
            .GroupBy(e => e.Others.GetValueOrDefault(ListRole.Request) ?? string.Empty, StringComparer.Ordinal)
            .Select(lines => new Reader(path, defaults, faults, isNamed).Read(lines.Key, [.. lines]))
            .ToArray();
        return faults.Count switch
        {
            0 => requests,
            1 => throw faults[0],
            _ => throw new RequestException([.. faults.OrderBy(f => f.Row).Select(f => f.Message)], "Correct the list. It is received as a whole or not at all."),
        };
    }

    /// <summary>Reads the lines of one request.</summary>
    private sealed class Reader(string path, ForgetRequest defaults, List<CorpusException> faults, bool isNamed)
    {
        private static readonly IReadOnlyDictionary<string, ForgetReason> Reasons = KebabName.All<ForgetReason>();

        public ForgetRequest Read(string name, IReadOnlyList<ListEntry> lines)
        {
            if (isNamed && !ForgetRequest.IsName(name))
            {
                Fault(lines[0], name.Length == 0 ? "The line names no request, but other lines do." : $"'{name}' is not a valid name of a request.", $"Give 1 to {ForgetRequest.MaxNameLength} of the characters A-Z, a-z, 0-9, '.', '_' and '-', the first not '.'.");
            }

            return defaults with
            {
                Id = isNamed ? name : defaults.Id,
                Items = [.. lines.Where(l => l.Item is not null && l.Span is null).Select(l => l.Item!).Distinct(StringComparer.Ordinal)],
                Subjects = [.. lines.Select(l => l.Subject).OfType<string>().Distinct(StringComparer.Ordinal)],
                Spans = [.. lines.Where(l => l.Span is not null).Select(l => new ItemSpan(l.Item!, l.Span!.Value)).Distinct()],
                Reason = One(lines, ListRole.Reason, ReadReason) ?? defaults.Reason,
                Due = One(lines, ListRole.Due, ReadDue) ?? defaults.Due,
                Received = One(lines, ListRole.Received, ReadReceived) ?? defaults.Received,
            };
        }

        private ForgetReason? ReadReason(ListEntry line, string text)
        {
            if (Reasons.TryGetValue(text, out var reason))
            {
                return reason;
            }

            Fault(line, $"Reason '{text}' is unknown.", $"Write one of {string.Join(", ", Reasons.Keys)}.");
            return null;
        }

        // A day is over when its last second is.
        private DateTimeOffset? ReadDue(ListEntry line, string text) => ReadMoment(line, "Due", text, endsDay: true);

        private DateTimeOffset? ReadReceived(ListEntry line, string text) => ReadMoment(line, "Received", text, endsDay: false);

        private DateTimeOffset? ReadMoment(ListEntry line, string what, string text, bool endsDay)
        {
            if (MomentText.Parse(text, endsDay) is { } moment)
            {
                return moment;
            }

            Fault(line, $"{what} '{text}' is not a date.", MomentText.Expected);
            return null;
        }

        // The lines of a request may give it once, or all the same.
        private T? One<T>(IReadOnlyList<ListEntry> lines, ListRole column, Func<ListEntry, string, T?> read)
            where T : struct
        {
            var said = lines.Where(l => l.Others.ContainsKey(column)).ToArray();
            if (said.FirstOrDefault(l => l.Others[column] != said[0].Others[column]) is { } other)
            {
                Fault(other, $"The lines of {(isNamed ? $"request '{other.Others.GetValueOrDefault(ListRole.Request)}'" : "the request")} differ in '{KebabName.Of(column)}': '{said[0].Others[column]}' in line {said[0].Line}, '{other.Others[column]}' here.", "Give all lines of a request the same value, or name several requests.");
            }

            return said.Length == 0 ? null : read(said[0], said[0].Others[column]);
        }

        private void Fault(ListEntry line, string message, string hint) => faults.Add(new CorpusException(message, hint, path, line.Line));
    }
}
