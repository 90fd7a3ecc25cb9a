using System.Runtime.InteropServices;
using Sisa.Evaluation.Language;
using Sisa.Evaluation.Memorization;
using Sisa.Models;
using Sisa.Torch.Inference;

namespace Sisa.Serving.Measuring;

/// <summary>A text to measure.</summary>
/// <param name="Features">Its tokens with their marks, as slices hold them; the last ones may be missing.</param>
/// <param name="Spans">Which of them are cut out of it.</param>
internal sealed record MeasuredText(byte[] Features, IReadOnlyList<Range> Spans);

/// <summary>Scores texts under the one constituent that is loaded.</summary>
/// <param name="ensemble">Holds the constituent.</param>
/// <param name="model">The model, as the recipe declares it.</param>
/// <param name="extraction">How texts are cut for the extraction.</param>
/// <param name="cancellation">Ends the scoring.</param>
internal sealed class ConstituentScorer(LanguageEnsemble ensemble, SequenceModelOptions model, Extraction extraction, CancellationToken cancellation)
{
    /// <summary>Texts that are scored between two looks at the cancellation.</summary>
    public const int BatchSize = 32;

    /// <summary>Scores texts; those without a token to predict are left out.</summary>
    public IReadOnlyList<TextScore> Score(IReadOnlyList<MeasuredText> texts) => [.. Scored(texts).Select(s => s.Score)];

    /// <summary>Scores texts, and tries whether the model reproduces what is held back of them.</summary>
    public IReadOnlyList<TextScore> ScoreAndExtract(IReadOnlyList<MeasuredText> texts)
    {
        var scored = Scored(texts);
        var held = scored.SelectMany((s, i) => HoldBack(s.Text) is { } cut ? [(Index: i, Cut: cut)] : Array.Empty<(int Index, Held Cut)>()).ToArray();
        foreach (var batch in held.Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            var foretold = ensemble.Foretells([.. batch.Select(h => (ReadOnlyMemory<byte>)h.Cut.Document)]);
            for (var i = 0; i < batch.Length; i++)
            {
                // The first token is not predicted, so the score of a token stands one place before it.
                var isReproduced = !foretold[i][0].AsSpan(batch[i].Cut.From - 1).Contains(false);
                scored[batch[i].Index] = (scored[batch[i].Index].Text, scored[batch[i].Index].Score with { IsReproduced = isReproduced });
            }
        }

        return [.. scored.Select(s => s.Score)];
    }

    private List<(MeasuredText Text, TextScore Score)> Scored(IReadOnlyList<MeasuredText> texts)
    {
        var scored = new List<(MeasuredText, TextScore)>(texts.Count);
        foreach (var batch in texts.Where(text => text.Features.Length > sizeof(int)).Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            var scores = ensemble.Score([.. batch.Select(text => (ReadOnlyMemory<byte>)text.Features)]);
            scored.AddRange(batch.Zip(scores, (text, score) => (text, TextScore.Of(score.Constituents[0], Within(text)))));
        }

        return scored;
    }

    // If only the beginning of a text is read, a later span is not measured.
    private static IReadOnlyList<Range> Within(MeasuredText text) => [.. text.Spans.Where(span => span.End.Value <= text.Features.Length / sizeof(int))];

    // Prompt and continuation as a document of their own, which ends with the continuation; nothing for a text that is too short.
    private Held? HoldBack(MeasuredText text)
    {
        var tokens = MemoryMarshal.Cast<byte, int>(text.Features);
        int[] begin = model.Tokens.Begin is { } mark ? [mark] : [];
        var inner = tokens[begin.Length..(tokens.Length - (tokens[^1] == model.Tokens.End ? 1 : 0))];

        // All but the last token of the continuation are read within one window.
        var most = model.Context + 1 - begin.Length;
        if (Within(text) is not [var span, ..])
        {
            return extraction.Cut(inner.Length, most) is var (prompt, length) ? Document(begin, inner[..(prompt + length)], prompt) : null;
        }

        var within = (span.Start.Value - begin.Length)..(span.End.Value - begin.Length);
        return extraction.CutBefore(within, most) is var (from, before, held) ? Document(begin, inner.Slice(from, before + held), before) : null;
    }

    private static Held Document(int[] begin, ReadOnlySpan<int> tokens, int prompt) =>
        new(MemoryMarshal.AsBytes<int>([.. begin, .. tokens]).ToArray(), begin.Length + prompt);

    /// <summary>A text of which the end is held back.</summary>
    /// <param name="Document">Its tokens.</param>
    /// <param name="From">The first token that is held back.</param>
    private sealed record Held(byte[] Document, int From);
}
