using Sisa.Evaluation.Language;
using Sisa.Evaluation.Membership;
using Sisa.Evaluation.Memorization;
using Sisa.Measurements;
using Sisa.Sharding;

namespace Sisa.Evaluation.ForgetQuality;

/// <summary>How language models treat forgotten texts, as certificates carry it.</summary>
/// <remarks>Pure.</remarks>
public static class LanguageForgettingFigures
{
    private const int Places = 2;

    /// <summary>Makes the figures.</summary>
    /// <param name="shards">The scores of the texts under each affected constituent; unseen texts are the same for all.</param>
    /// <param name="extraction">How texts were cut for the extraction.</param>
    /// <param name="utility">How good the ensemble is; <see langword="null"/> if there are no unseen texts.</param>
    /// <param name="whyNoUnseen">Why there are no unseen texts; not looked at where there are.</param>
    /// <param name="seed">The recipe's seed, from which the draws of the intervals follow.</param>
    public static LanguageForgetting Of(IEnumerable<ScoredTexts> shards, Extraction extraction, RetainedText? utility, AbsenceReason whyNoUnseen, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(extraction);
        var measured = shards.Where(s => s.Forgotten.Count > 0).ToArray();
        var unseen = measured.Length == 0 ? 0 : measured[0].Unseen.Count;
        TextScore[] forgotten = [.. measured.SelectMany(s => s.Forgotten)];

        var absent = new List<AbsentFigure>();
        T? Missing<T>(string figure, AbsenceReason reason)
            where T : class
        {
            absent.Add(new AbsentFigure(figure, reason));
            return null;
        }

        // A figure of what the request did not ask for, such as of spans, is not missing.
        Estimate? Perplexity(string figure, IEnumerable<TextLoss> losses) => losses.ToArray() is { Length: > 0 } texts
            ? TextLoss.PerplexityOf(texts, Seeds.Derive(seed, $"measurement/{KebabName.Policy.ConvertName(figure)}"))?.Round(Places) ?? Missing<Estimate>(figure, AbsenceReason.TooLarge)
            : null;
        MeasuredMembership? Membership(string figure, Func<TextScore, double> loss) => unseen == 0
            ? Missing<MeasuredMembership>(figure, whyNoUnseen)
            : Of([.. measured.Select(s => new MembershipGroup([.. s.Forgotten.Select(loss)], [.. s.Unseen.Select(loss)]))], Places);
        if (forgotten.Length == 0)
        {
            return new LanguageForgetting { Items = 0, Neighbours = 0, Unseen = 0, Utility = utility, Absent = Reasons([new AbsentFigure("perplexity", AbsenceReason.NoModel)], utility, whyNoUnseen) };
        }

        bool[] reproduced = [.. forgotten.Select(t => t.IsReproduced).OfType<bool>()];
        var figures = new LanguageForgetting
        {
            Items = forgotten.Length,
            Perplexity = Perplexity("perplexity", forgotten.Select(t => t.Loss)),
            SpanPerplexity = Perplexity("spanPerplexity", forgotten.Select(t => t.Span).OfType<TextLoss>()),
            Neighbours = measured.Sum(s => s.Neighbours.Count),
            NeighbourPerplexity = Perplexity("neighbourPerplexity", measured.SelectMany(s => s.Neighbours).Select(t => t.Loss)),
            Unseen = unseen,
            UnseenPerplexity = unseen == 0 ? Missing<Estimate>("unseenPerplexity", whyNoUnseen) : Perplexity("unseenPerplexity", measured.SelectMany(s => s.Unseen).Select(t => t.Loss)),
            ByLoss = Membership("byLoss", t => t.Loss.PerToken),
            ByMinK = Membership("byMinK", t => t.MinK),
            Extraction = reproduced.Length == 0
                ? Missing<MeasuredExtraction>("extraction", AbsenceReason.TooShort)
                : new MeasuredExtraction(extraction.Prompt, extraction.Continuation, reproduced.Length, Extraction.ShareOf(reproduced).RoundShare(Places)),
            Utility = utility,
        };
        return figures with { Absent = Reasons(absent, utility, whyNoUnseen) };
    }

    private static AbsentFigure[]? Reasons(IEnumerable<AbsentFigure> absent, RetainedText? utility, AbsenceReason whyNoUnseen)
    {
        AbsentFigure[] all =
        [
            .. absent,
            .. utility switch
            {
                null => [new AbsentFigure("utility", whyNoUnseen)],
                { Perplexity: null } => [new AbsentFigure("utility.perplexity", AbsenceReason.TooLarge)],
                _ => Array.Empty<AbsentFigure>(),
            },
        ];
        return all.Length > 0 ? all : null;
    }

    private static MeasuredMembership Of(IReadOnlyList<MembershipGroup> groups, int places) => groups.Sum(g => g.Losses.Count) >= MembershipInference.MinItems
        ? new MeasuredMembership(MembershipInference.Auc(groups).RoundShare(places))
        : new MeasuredMembership(Ranks: [.. MembershipInference.RanksOf(groups).Select(rank => Math.Round(rank, places))]);
}
