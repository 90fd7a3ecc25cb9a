using Sisa.Torch.Data;

namespace Sisa.Torch.Models.Decoders;

/// <summary>A part of a document within a window.</summary>
/// <param name="Row">Window of the step.</param>
/// <param name="Column">Where in the window it begins.</param>
/// <param name="Item">Number of the document.</param>
/// <param name="From">First token of the part within the document.</param>
/// <param name="Length">Tokens that are read; each predicts the one behind it.</param>
/// <param name="IsLast">Whether the document ends with it.</param>
internal readonly record struct Piece(int Row, int Column, int Item, int From, int Length, bool IsLast);

/// <summary>Packs documents into windows, several into one where they fit.</summary>
/// <remarks>
/// A document of n tokens has n − 1 predictions. One that is longer than a window is cut into parts of a window's length, each of which begins
/// with the last token of the part before, so that every token but the first is predicted once. Parts go, in the order of the documents, into the first window of the
/// step that has room; when none has, the step ends and the next begins. So the packing depends on the documents of the epoch and their order alone: without one
/// of them it is the packing of a corpus that never held it (rules E2 and E4).
/// </remarks>
internal static class WindowPacking
{
    /// <summary>Packs the documents of an epoch.</summary>
    /// <param name="source">Where they are.</param>
    /// <param name="order">Their numbers in training order.</param>
    /// <param name="context">Tokens of a window.</param>
    /// <param name="windows">Windows a step.</param>
    /// <returns>The parts of each step, in the order of the documents; no step is empty.</returns>
    public static List<Piece[]> Pack(ItemSource source, ReadOnlySpan<int> order, int context, int windows)
    {
        var steps = new List<Piece[]>();
        var step = new List<Piece>();
        var used = new int[windows];
        var open = 0;
        foreach (var item in order)
        {
            var predictions = (source.Features(item).Length / sizeof(int)) - 1;
            for (var from = 0; from < predictions; from += context)
            {
                var length = Math.Min(context, predictions - from);
                var row = FirstFit(used.AsSpan(0, open), context - length);
                if (row < 0 && open == windows)
                {
                    steps.Add([.. step]);
                    step.Clear();
                    used.AsSpan().Clear();
                    open = 0;
                }

                if (row < 0)
                {
                    row = open++;
                }

                step.Add(new Piece(row, used[row], item, from, length, from + length == predictions));
                used[row] += length;
            }
        }

        if (step.Count > 0)
        {
            steps.Add([.. step]);
        }

        return steps;
    }

    private static int FirstFit(ReadOnlySpan<int> used, int most)
    {
        for (var row = 0; row < used.Length; row++)
        {
            if (used[row] <= most)
            {
                return row;
            }
        }

        return -1;
    }
}
