using System.Globalization;
using Sisa.Cli.Terminal;
using Sisa.Engine.Finding;
using Sisa.Engine.Reporting;
using Sisa.Finding;
using Sisa.Storage.Manifest;

namespace Sisa.Cli.Verbs;

/// <summary>Shows the result of a search, and how to forget what it found.</summary>
internal static class FindView
{
    private const int MaxHints = 3;

    /// <summary>Writes what was found: a table, or JSON.</summary>
    /// <param name="report">The result.</param>
    /// <param name="own">Items of the subject that was asked for, which come first.</param>
    /// <param name="output">Where to.</param>
    /// <param name="near">Near spellings of what was named, where names were given.</param>
    public static void Show(FindReport report, IReadOnlyList<ItemRow> own, Output output, NearSpellings? near = null)
    {
        foreach (var id in report.Unknown)
        {
            output.Warn($"'{id}' is not in the store.");
        }

        if (report.WithoutText > 0 && report.Level > MatchKind.Exact)
        {
            output.Say($"{Figures.Count(report.WithoutText, "item")} without text: only exact copies of them can be found.");
        }

        if (output.Json)
        {
            output.WriteJson(SearchReport.Of(report, own, near));
        }
        else if (own.Count + report.Found.Count > 0)
        {
            Grid.Write(output.Data, ["item", "subject", "place", "kind", "resemblance", "of", "spans"], own.Select(Cells).Concat(report.Found.Select(Cells)));
        }

        var what = own.Count > 0 ? $"{Figures.Count(own.Count, "item")} of the subject, and {Figures.Count(report.Found.Count)} found" : $"{Figures.Count(report.Found.Count)} found";
        output.Say($"{what} in {Figures.Count(report.Items, "item")}, by {Method(report)}.");
    }

    /// <summary>Says how the places of a phrase can be cut out.</summary>
    public static void HintSpans(FindReport report, Output output)
    {
        foreach (var item in report.Found.Take(MaxHints))
        {
            output.Say($"To cut it out: sisa forget --item {Quote(item.Item)} --span {string.Join(' ', item.Occurrences.Select(o => o.Span))}");
        }

        if (report.Found.Count > MaxHints)
        {
            output.Say("And so on. A list for 'sisa forget --file' can hold them all, as lines {\"item\": …, \"span\": …}.");
        }
    }

    /// <summary>Says how items can be forgotten with their duplicates.</summary>
    public static void HintDuplicates(FindReport report, IReadOnlyList<string> items, string? subject, Output output)
    {
        if (report.Found.Count > 0)
        {
            var named = subject is null ? $"--item {string.Join(' ', items.Except(report.Unknown).Take(MaxHints).Select(Quote))}{(items.Count > MaxHints ? " …" : string.Empty)}" : $"--subject {Quote(subject)}";
            var threshold = report.Threshold is { } least and not Shingles.DefaultThreshold ? string.Create(CultureInfo.InvariantCulture, $" --threshold {least}") : string.Empty;
            output.Say($"To forget them together: sisa forget {named} --with-duplicates {KebabName.Of(report.Level)}{threshold}");
        }
    }

    /// <summary>Names the duplicates of what a request names, before it is received.</summary>
    public static void TellDuplicates(FindReport report, Output output)
    {
        FirstOfMany.Tell(
            report.Found,
            found => output.Say(Named(found)),
            more => output.Say($"… and {Figures.Count(more)} more; '--json' lists all."));
        output.Say($"{Figures.Count(report.Found.Count, "duplicate")} found in {Figures.Count(report.Items, "item")}, by {Method(report)}. Later ingestions are not covered by this search.");
    }

    private static string Named(FoundItem found)
    {
        var resemblance = found.Kind == MatchKind.Near ? $" ({Resemblance(found.Resemblance)})" : string.Empty;
        return $"'{found.Item}' of '{found.Subject}', in {found.Place}, is {(found.Kind == MatchKind.Exact ? "an exact" : $"a {KebabName.Of(found.Kind)}")} duplicate of '{found.Of}'{resemblance}.";
    }

    private static string[] Cells(ItemRow row) => [row.Id, row.Subject, row.Place.ToString(), "subject", string.Empty, string.Empty, string.Empty];

    private static string[] Cells(FoundItem found) =>
        [found.Item, found.Subject, found.Place.ToString(), KebabName.Of(found.Kind), Resemblance(found.Resemblance), found.Of ?? string.Empty, string.Join(' ', found.Occurrences.Select(o => o.Span))];

    private static string Method(FindReport report) =>
        report.Threshold is { } threshold ? string.Create(CultureInfo.InvariantCulture, $"{MatchMethod.Of(report.Level)}, at least {threshold:0.##}") : MatchMethod.Of(report.Level);

    // Rounded down: what is not equal is not 1.
    private static string Resemblance(double resemblance) => (Math.Floor(resemblance * 1000) / 1000).ToString("0.000", CultureInfo.InvariantCulture);

    // As a POSIX shell takes it for one word; what cannot be seen as bash and zsh write it.
    private static string Quote(string word) => VisibleText.Of(word) != word
        ? $"$'{string.Concat(word.EnumerateRunes().Select(r => r.Value is '\'' or '\\' ? $"\\{r}" : VisibleText.Of(r.ToString()) == r.ToString() ? r.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\U{r.Value:X8}")))}'"
        : word.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':' or '@' or '+') && !word.StartsWith('-') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
