using Sisa.Forgetting;

namespace Sisa.Readers.Lists;

/// <summary>A line of a list: an item, a subject, or a span of an item, and its other columns.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Item">Id of an item.</param>
/// <param name="Subject">A subject; there is either this or an item.</param>
/// <param name="Span">Span of the item.</param>
/// <param name="Others">Values of further columns by role; empty ones are left out.</param>
internal sealed record ListEntry(long Line, string? Item, string? Subject, TextSpan? Span, IReadOnlyDictionary<ListRole, string> Others);

/// <summary>The values of a line by role.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Values">The values; <see langword="null"/> for a line whose fault was reported.</param>
internal sealed record ListRow(long Line, IReadOnlyDictionary<ListRole, string?>? Values);
