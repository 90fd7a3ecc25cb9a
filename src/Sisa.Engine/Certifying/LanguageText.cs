using System.Globalization;
using Sisa.Measurements;

namespace Sisa.Engine.Certifying;

/// <summary>Measurements of language models in words, each with what its value means.</summary>
public static class LanguageText
{
    /// <summary>Puts measurements into words.</summary>
    /// <param name="measured">The measurements.</param>
    public static IReadOnlyList<(string? Name, string Value)> Of(LanguageForgetting measured)
    {
        var lines = new List<(string? Name, string Value)> { ("Effectiveness", Effectiveness(measured)) };
        if (measured.SpanPerplexity is not null || Why(measured, "spanPerplexity") is not null)
        {
            lines.Add(("Spans that were cut", $"perplexity {Perplexity(measured.SpanPerplexity)}, read in the texts as they were"));
        }

        Add(lines, "by loss", measured.ByLoss);
        Add(lines, "by min-k", measured.ByMinK);
        if (measured.Extraction is { } extraction)
        {
            lines.Add(("Extraction", $"{Share(extraction.Share)} of {Figures.Count(extraction.Items, "forgotten text")} reproduced word for word: {extraction.Continuation} tokens after a prompt of {extraction.Prompt}, fewer for short texts (near 0 %: forgotten; predictable continuations count too)"));
        }
        else if (Why(measured, "extraction") is { } why)
        {
            lines.Add(("Extraction", $"not measured: {CertificatePart.Reason(why)}"));
        }

        if (measured.Neighbours > 0)
        {
            lines.Add(("Retained neighbours", $"perplexity {Perplexity(measured.NeighbourPerplexity)} ({Figures.Count(measured.Neighbours, "retained text")} of the same shards: as before, unless other items were forgotten too)"));
        }

        lines.Add(("Retained utility", measured.Utility is { } utility
            ? $"perplexity {Perplexity(utility.Perplexity)}, {Number(utility.BitsPerByte)} bits per byte on {Figures.Count(utility.Items, "held-out text")}{(utility.LeftOut > 0 ? $"; {Figures.Count(utility.LeftOut, "row")} left out because they are not held out" : string.Empty)}"
            : CertificatePart.NotMeasured(Why(measured, "utility"))));
        return lines;
    }

    private static string Effectiveness(LanguageForgetting measured) => measured.Items == 0
        ? CertificatePart.NotMeasured(Why(measured, "perplexity"))
        : $"perplexity of the forgotten texts {Perplexity(measured.Perplexity)}{(measured.Unseen > 0 ? $", of {Figures.Count(measured.Unseen, "unseen text")} {Perplexity(measured.UnseenPerplexity)}" : ", no unseen texts to compare with")} ({Figures.Count(measured.Items, "text")} measured; near 1: memorised)";

    private static AbsenceReason? Why(LanguageForgetting measured, string figure) => CertificatePart.Why(measured.Absent, figure);

    private static void Add(List<(string? Name, string Value)> lines, string attack, MeasuredMembership? membership)
    {
        if (membership?.Auc is { } auc)
        {
            lines.Add(($"Membership inference {attack}", $"AUC {Area(auc)} (0.50: no better than chance; near 1.00: memorised, or easy)"));
        }
        else if (membership?.Ranks is { } ranks)
        {
            lines.Add(($"Rank among unseen texts {attack}", $"{string.Join(", ", ranks.Select(Number))} of them look less known (0.50: in the middle; near 1.00: memorised, or easy)"));
        }
    }

    private static string Perplexity(Estimate? estimate) => estimate is null ? Figures.BeyondNumbers : Written(estimate, value => Figures.Perplexity(value, "0.00"));

    private static string Area(Estimate estimate) => Written(estimate, CertificatePart.Area);

    private static string Share(Estimate estimate) => Written(estimate, Figures.Share);

    private static string Written(Estimate estimate, Func<double, string> write) =>
        write(estimate.Value) + (estimate is { Low: { } low, High: { } high } ? $" [{write(low)}, {write(high)}]" : string.Empty);

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
