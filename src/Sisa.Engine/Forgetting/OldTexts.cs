using System.Text;
using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>Locates the forgotten parts of a text in an old version of it.</summary>
/// <remarks>Spans count code points of the text as first ingested; an old version lacks what requests before these had cut.</remarks>
/// <param name="store">The store.</param>
internal sealed class OldTexts(Store store)
{
    // Spans that pending requests have cut by now, by item.
    private readonly Lazy<ILookup<string, TextSpan>> _applied = new(() => store.Manifest.Requests.Targets().Where(t => t.Applied && t.Span is not null).ToLookup(t => t.Item, t => t.Span!.Value));

    /// <summary>The cuts in a version of a text before the spans of pending requests.</summary>
    /// <param name="text">The version.</param>
    /// <param name="target">A target that names a span of it.</param>
    /// <returns>The cuts; <see langword="null"/> if the item is gone, or if this version lacks some of the spans: an older version has them all.</returns>
    public CutRanges? CutBefore(string text, TargetRow target)
    {
        if (CurrentLength(target) is not { } length)
        {
            return null;
        }

        var after = store.Manifest.Requests.Cuts(target.Item);
        var before = target.Applied ? after.Except(new CutRanges(_applied.Value[target.Item])) : after;
        return CutRanges.CodePoints(text) + before.Length == length + after.Length ? before : null;
    }

    /// <summary>The bytes of spans within a version of a text.</summary>
    /// <param name="text">The version, UTF-8.</param>
    /// <param name="spans">Targets that name spans of it.</param>
    /// <returns>A range of bytes for each; none if it cannot be determined.</returns>
    public IReadOnlyList<Range> Bytes(ReadOnlySpan<byte> text, IReadOnlyList<TargetRow> spans)
    {
        if (spans.Count == 0 || Encoding.UTF8.GetString(text) is var old && CutBefore(old, spans[0]) is not { } before)
        {
            return [];
        }

        var offsets = Offsets(old);
        return [.. spans.Select(t => before.Remaining(t.Span!.Value)).Where(r => r.From < r.To && r.To < offsets.Count).Select(r => offsets[r.From]..offsets[r.To])];
    }

    // Code points of an item's text as it is now; null where the item is gone.
    private int? CurrentLength(TargetRow target)
    {
        if (store.Manifest.Slices.Get(target.Place).File is not { } path)
        {
            return null;
        }

        using var file = SliceFile.OpenUnverified(store.Layout.Absolute(path));
        var index = file.Find(Encoding.UTF8.GetBytes(target.Item));
        return index < 0 ? null : CutRanges.CodePoints(Encoding.UTF8.GetString(file[index].Text));
    }

    // Where each code point begins, and where the last one ends.
    private static List<int> Offsets(string text)
    {
        var offsets = new List<int>(text.Length + 1) { 0 };
        foreach (var rune in text.EnumerateRunes())
        {
            offsets.Add(offsets[^1] + rune.Utf8SequenceLength);
        }

        return offsets;
    }
}
