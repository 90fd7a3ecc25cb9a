using System.Globalization;
using Sisa.Evidence;
using Sisa.Measurements;

namespace Sisa.Engine.Certifying;

/// <summary>A certificate in words: the one source of the terminal's text and of the page.</summary>
/// <param name="Title">Heading of the part.</param>
/// <param name="Lines">Name and value, or a sentence without a name.</param>
public sealed record CertificatePart(string Title, IReadOnlyList<(string? Name, string Value)> Lines)
{
    /// <summary>Puts a valid certificate into words.</summary>
    /// <param name="verdict">The result of checking the certificate.</param>
    public static IReadOnlyList<CertificatePart> Of(CertificateVerdict verdict)
    {
        var erasure = verdict.Statement!.Predicate;
        if (erasure.NothingHeld is { } searched)
        {
            return
            [
                new("Issuer", Issuer(verdict)),
                new("Request", Request(erasure)),
                new("Search", Searched(verdict, erasure, searched)),
                new("Claims", [.. erasure.Claims.Select(c => ((string?)null, c))]),
                new("Not claimed", [.. erasure.NonClaims.Select(c => ((string?)null, c))]),
            ];
        }

        return
        [
            new("Issuer", Issuer(verdict)),
            new("Request", Request(erasure)),
            new("What was done", Done(erasure)),
            new("Checks", Checked(verdict, erasure)),
            new("Measurements", Measured(erasure)),
            new("Served now", Served(verdict.Statement)),
            new("Claims", [.. erasure.Claims.Select(c => ((string?)null, c))]),
            new("Not claimed", [.. erasure.NonClaims.Select(c => ((string?)null, c))]),
        ];
    }

    /// <summary>A certificate in one sentence.</summary>
    public static string Summary(Erasure erasure)
    {
        var (request, issuer) = (erasure.Request, erasure.Issuer);
        var who = issuer?.Organisation ?? "The issuer";
        var model = issuer?.Model is { } name ? $"the model '{name}'" : "its model";
        if (erasure.NothingHeld is { } searched)
        {
            return $"{who} declares that nothing was found under {Figures.Count(searched.Named, "name")} of request {request.Id} among {Figures.Count(searched.Items, "item")} of the data that {model} is trained on.";
        }

        var what = string.Join(" and ", new[] { (erasure.Items.Count, "item"), (erasure.Items.Spans, "span") }.Where(p => p.Item1 > 0).Select(p => Figures.Count(p.Item1, p.Item2)));
        return $"{who} declares that {(what.Length > 0 ? what : "nothing")} of request {request.Id} {(erasure.Items.Count + erasure.Items.Spans == 1 ? "was" : "were")} removed from the data that {model} is trained on by {Time(request.Completed)}, and that no part of {model} that had seen {(erasure.Items.Count + erasure.Items.Spans == 1 ? "it" : "them")} is served.";
    }

    private static List<(string? Name, string Value)> Issuer(CertificateVerdict verdict)
    {
        var issuer = verdict.Statement!.Predicate.Issuer;
        var lines = new List<(string? Name, string Value)>();
        foreach (var (name, value) in new[] { ("Organisation", issuer?.Organisation), ("Contact", issuer?.Contact), ("Model", issuer?.Model) })
        {
            if (value is not null)
            {
                lines.Add((name, value));
            }
        }

        lines.Add(("Key (SHA-256)", verdict.Certificate.Signatures[0].KeyId));
        return lines;
    }

    private static List<(string? Name, string Value)> Request(Erasure erasure)
    {
        var request = erasure.Request;
        var lines = new List<(string? Name, string Value)>
        {
            ("Request", request.Id),
            ("Reason", KebabName.Of(request.Reason)),
            ("Received", Time(request.Received)),
            ("Due", Time(request.Due) + (request.Extended is { } extended ? $", extended on {Time(extended.At)} from {Time(extended.From)} ({KebabName.Of(extended.Reason)})" : string.Empty)),
            ("Completed", Time(request.Completed)),
            ("Items", Figures.Count(erasure.Items.Count)),
        };
        if (erasure.Items.Spans > 0)
        {
            lines.Add(("Spans of text", Figures.Count(erasure.Items.Spans)));
        }

        if (erasure.NotFound is { } missing)
        {
            lines.Add(("Not found", $"{Figures.Count(missing.Count, "name")} of the request, which the store did not hold when it received the request"));
        }

        if (request.OverdueSeconds is { } late)
        {
            lines.Add(("OVERDUE", $"completed {Figures.Seconds(late)} after it was due"));
        }

        return lines;
    }

    private static List<(string? Name, string Value)> Searched(CertificateVerdict verdict, Erasure erasure, CertifiedSearch search)
    {
        var lines = new List<(string? Name, string Value)>
        {
            ("Names searched for", Figures.Count(search.Named)),
            ("Items searched", Figures.Count(search.Items)),
        };
        if (search.Slices is { } slices)
        {
            lines.Add(("Slices searched", Figures.Count(slices)));
        }

        if (search.Corpus is { } corpus)
        {
            lines.Add(("Corpus (SHA-256 of the roots)", corpus.ToString()));
        }

        lines.Add(("Near spellings", erasure.Spellings is { } spellings ? Spellings(spellings) : "not searched for"));
        lines.Add(("Evidence log", $"{erasure.Log.Origin}, entry {verdict.Certificate.Log.Index}"));
        return lines;
    }

    private static string Spellings(CertifiedSpellings spellings) => spellings.Searched
        ? $"{Figures.Count(spellings.Found ?? 0)} found among {Figures.Count(spellings.NamesSearched ?? 0, "name")}, {Figures.Count(spellings.Forgotten ?? 0)} forgotten with it; by {spellings.Method}"
        : "not searched for: other spellings of the same names may remain";

    private static List<(string? Name, string Value)> Done(Erasure erasure)
    {
        var lines = new List<(string? Name, string Value)>
        {
            ("Meanwhile served", KebabName.Of(erasure.Request.Policy)),

            // Times are kept to the second: what is a second apart took less than two.
            ("Retrained", $"{Figures.Count(erasure.Cost.Shards, "shard")}, {Cost(erasure.Cost)}, within {Figures.Seconds(erasure.Cost.Seconds + 1)} of the receipt"),
        };
        if (erasure.Purge is { } purge)
        {
            lines.Add(("Removed", Figures.Count(purge.FilesRemoved, "file")));
            lines.Add(("Searched for", $"{Figures.Count(purge.StringsSearched, "string")} in {Figures.Count(purge.FilesSearched, "file")} ({Figures.Bytes(purge.BytesSearched)}): {purge.Found} found, {purge.FoundInRetained} within retained items"));
        }

        if (erasure.Duplicates is { } duplicates)
        {
            lines.Add(("Duplicates", Duplicates(duplicates)));
        }

        if (erasure.Spellings is { } spellings)
        {
            lines.Add(("Near spellings", Spellings(spellings)));
        }

        if (erasure.ExportsRecalled > 0)
        {
            lines.Add(("Exports to recall", Figures.Count(erasure.ExportsRecalled)));
        }

        return lines;
    }

    private static string Duplicates(CertifiedDuplicates search)
    {
        if (!search.Searched)
        {
            return "not searched for: copies under other ids may remain";
        }

        var threshold = search.Threshold is { } least ? string.Create(CultureInfo.InvariantCulture, $", at least {least:0.##}") : string.Empty;
        return $"{Figures.Count(search.Found ?? 0)} found in {Figures.Count(search.ItemsSearched ?? 0, "item")}, {Figures.Count(search.Forgotten ?? 0)} forgotten with them; by {search.Method}{threshold}";
    }

    private static List<(string? Name, string Value)> Checked(CertificateVerdict verdict, Erasure erasure)
    {
        var rerun = erasure.Rerun;
        var lines = new List<(string? Name, string Value)> { ("Standing", verdict.Standing) };
        lines.Add(("Training from scratch", rerun.Kind == RerunKind.None
            ? "not repeated"
            : $"repeated from {(rerun.FromSource == true ? "the source files" : "the store's slices")}; {Equality(rerun)}"));
        lines.Add(("Environment", string.Join("; ", erasure.Environments)));
        if (erasure.Environments.Count > 1)
        {
            lines.Add((null, "Mixed environment: checkpoints of different environments are served together."));
        }

        lines.Add(("Evidence log", $"{erasure.Log.Origin}, entry {verdict.Certificate.Log.Index}"));
        return lines;
    }

    /// <summary>Puts measurements into words.</summary>
    /// <param name="measurements">The measurements.</param>
    public static IReadOnlyList<(string? Name, string Value)> Of(ForgettingMeasurements measurements)
    {
        if (measurements.Language is { } language)
        {
            return LanguageText.Of(language);
        }

        if (Why(measurements.Absent, "language") is { } why)
        {
            return [("Effectiveness", NotMeasured(why)), ("Retained utility", NotMeasured(why))];
        }

        var lines = new List<(string? Name, string Value)> { ("Effectiveness", NotMeasured(Why(measurements.Absent, "effectiveness"))) };
        if (measurements.Effectiveness is { } effect)
        {
            lines[0] = ("Effectiveness", $"loss of the forgotten items {Figure(effect.Loss)}{(effect.UnseenLoss is { } unseen ? $", of {Figures.Count(effect.Unseen, "unseen item")} {Figure(unseen)}" : ", no unseen items to compare with")} ({Figures.Count(effect.Items, "item")} measured)");
            if (effect.MembershipAuc is { } auc)
            {
                lines.Add(("Membership inference", $"AUC {Area(auc)}{(effect is { MembershipLow: { } low, MembershipHigh: { } high } ? $" [{Area(low)}, {Area(high)}]" : string.Empty)} (0.50: no better than chance; near 1.00: memorised, or easy)"));
            }
            else if (effect.LossRanks is { } ranks)
            {
                lines.Add(("Rank among unseen items", $"{string.Join(", ", ranks.Select(Figure))} of them have a higher loss (0.50: in the middle; near 1.00: memorised, or easy)"));
            }
        }

        lines.Add(("Retained utility", measurements.Utility is { } utility
            ? $"accuracy {Figures.Share(utility.Figures.Accuracy)}, log-loss {Figure(utility.Figures.LogLoss)} on {Figures.Count(utility.Figures.Items, "held-out item")}{(utility.LeftOut > 0 ? $"; {Figures.Count(utility.LeftOut, "row")} left out because they are not held out" : string.Empty)}"
            : NotMeasured(Why(measurements.Absent, "utility"))));
        return lines;
    }

    /// <summary>The reason why a figure is absent; <see langword="null"/> if it is present, or if no reason is given.</summary>
    internal static AbsenceReason? Why(IReadOnlyList<AbsentFigure>? absent, string figure) => absent?.FirstOrDefault(a => a.Figure == figure)?.Reason;

    /// <summary>The text in place of an absent figure.</summary>
    internal static string NotMeasured(AbsenceReason? why) => why is { } reason ? $"not measured: {Reason(reason)}" : "not measured";

    /// <summary>A reason in words.</summary>
    internal static string Reason(AbsenceReason reason) => reason switch
    {
        AbsenceReason.NoModel => "the shards are empty, so there is no model to measure",
        AbsenceReason.NoUnseen => "there are no held-out evaluation data",
        AbsenceReason.TooShort => "every text is too short to hold back a part of it",
        AbsenceReason.TooLarge => "larger than the largest number that can be written",
        _ => "the measurement failed, as reported then",
    };

    /// <summary>An area under a curve, with as many places as distinguish it from 0 and 1.</summary>
    internal static string Area(double area) => area.ToString("0.00#############", CultureInfo.InvariantCulture);

    // The three things that are asked of every forgetting.
    private static List<(string? Name, string Value)> Measured(Erasure erasure) =>
    [
        ("Digest equality", erasure.Rerun.Kind == RerunKind.None ? "not measured: the training from scratch was not repeated" : Equality(erasure.Rerun)),
        .. Of(erasure.Measurements),
        ("Cost", Cost(erasure.Cost)),
    ];

    private static string Equality(CertifiedRerun rerun) => $"{rerun.Equal} of {rerun.Compared} checkpoints equal, byte for byte";

    private static string Cost(CertifiedCost cost) =>
        $"{Figures.Count(cost.Visits)} item visits{(cost.FullVisits > 0 ? $", {Figures.Share(cost.Visits / cost.FullVisits)} of a full retraining" : string.Empty)}";

    private static string Figure(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static List<(string? Name, string Value)> Served(ErasureStatement statement) =>
    [
        ("Epoch", statement.Predicate.Epoch.ToString(CultureInfo.InvariantCulture)),
        ("Bundle", statement.Subject[0].Digest.Sha256.ToString()),
        ("Checkpoints", Figures.Count(statement.Subject.Count - 1)),
        ("Recipe", statement.Predicate.Recipe.Digest.ToString()),
        .. statement.Predicate.Recipe.Base is { } frozen ? new (string? Name, string Value)[] { ("Base, which cannot be forgotten", frozen.ToString()) } : [],
        .. statement.Predicate.Recipe.DeclaredAfterInspection.Count > 0
            ? new (string? Name, string Value)[] { ("Declared after a look at the data", string.Join(", ", statement.Predicate.Recipe.DeclaredAfterInspection)) }
            : [],
    ];

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
