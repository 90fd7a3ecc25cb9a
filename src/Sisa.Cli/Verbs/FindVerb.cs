using System.CommandLine;
using System.Text;
using Sisa.Cli.Terminal;
using Sisa.Engine.Finding;
using Sisa.Engine.Stores;
using Sisa.Finding;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa find</c>: what an erasure should reach: places of a phrase, copies of items, items of a subject.</summary>
internal static class FindVerb
{
    private static readonly Option<string?> Phrase = new("--text") { Description = "Find items whose text holds a phrase, and the places of the phrase.", HelpName = "PHRASE" };
    private static readonly Option<string?> PhraseFile = new("--text-file") { Description = "The same, with a phrase from a file or from standard input.", HelpName = "FILE|-" };
    private static readonly Option<string[]> Similar = new("--similar") { Description = "Find copies of items under other ids.", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> Subject = new("--subject") { Description = "Find the items of a subject, and copies of them that belong to other subjects.", HelpName = "SUBJECT" };
    private static readonly Option<MatchKind?> Match = NamedOption.Create<MatchKind>(
        "--match", "How close a match must be. exact: the same bytes; normalised: also different in case, form of characters, white space and punctuation; near: also similar. Default: normalised for a phrase, near for copies of texts, exact for copies of other items.");

    public static Command Create() => new Command("find", "Find everything that an erasure should reach, in every shard.") { Phrase, PhraseFile, Similar, Subject, Match, FindOptions.Threshold }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var phrase = ReadPhrase(parse);
        var similar = parse.GetValue(Similar) ?? [];
        var subject = parse.GetValue(Subject);
        if ((phrase is null ? 0 : 1) + (similar.Length == 0 ? 0 : 1) + (subject is null ? 0 : 1) is not 1 and var searches)
        {
            throw new UsageException(searches == 0 ? "The command names nothing to find." : "Only one search is possible at a time.", "Give one of '--text', '--text-file', '--similar' and '--subject'.");
        }

        var threshold = FindOptions.ThresholdOf(parse);
        using var store = CommonOptions.OpenStore(parse);
        var finder = new Finder(store);
        var level = Level(parse, store, phrase is not null);
        if (phrase is not null)
        {
            var found = finder.Phrase(phrase, level, threshold, cancellation);
            FindView.Show(found, [], output);
            FindView.HintSpans(found, output);
            return found.Found.Count > 0 ? ExitCode.Done : ExitCode.No;
        }

        string[] own = subject is null ? [] : [.. finder.ItemsOf(subject).Select(row => row.Id)];
        var report = finder.Duplicates(subject is null ? similar : own, level, threshold, cancellation);
        var near = new SpellingSearch(store).Find(subject is null ? similar.Select(item => (NameKind.Item, item)) : [(NameKind.Subject, subject)]);
        FindView.Show(report, subject is null ? [] : finder.ItemsOf(subject), output, near);
        NamedSpellings.Tell(near, takes: false, output);
        FindView.HintDuplicates(report, similar, subject, output);
        return report.Found.Count > 0 || own.Length > 0 ? ExitCode.Done : ExitCode.No;
    }

    private static MatchKind Level(ParseResult parse, Store store, bool isPhrase)
    {
        if (!store.Recipe.HasText)
        {
            return isPhrase || parse.GetValue(Match) is > MatchKind.Exact
                ? throw new UsageException("The items of this store have no texts, so only exact copies can be found.", "Give '--similar ID' with '--match exact', or without '--match'.")
                : MatchKind.Exact;
        }

        return parse.GetValue(Match) ?? (isPhrase ? MatchKind.Normalised : MatchKind.Near);
    }

    private static string? ReadPhrase(ParseResult parse)
    {
        var phrase = parse.GetValue(Phrase);
        if (parse.GetValue(PhraseFile) is { } file)
        {
            // The end of the last line is the editor's, not the phrase's.
            phrase = phrase is null ? Read(file).TrimEnd('\r', '\n') : throw new UsageException("'--text' and '--text-file' are both given.", "Give one of them.");
        }

        return phrase is not { Length: 0 } ? phrase : throw new UsageException("The phrase is empty.", "Give at least one character.");
    }

    private static string Read(string file)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        try
        {
            using var reader = new StreamReader(file == "-" ? Console.OpenStandardInput() : new FileStream(file, FileMode.Open, FileAccess.Read), encoding);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is DecoderFallbackException || (file != "-" && e is (IOException or UnauthorizedAccessException)))
        {
            throw new CorpusException($"The phrase cannot be read: {PlainReason.Of(e)}.", "Name a file in UTF-8, or '-' for standard input.", file, null, e);
        }
    }
}
