using Sisa.Forgetting;
using Sisa.Sharding;

namespace Sisa.Storage.Manifest;

/// <summary>A target of a pending request.</summary>
/// <param name="Request">Number of the request.</param>
/// <param name="Item">The item.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Place">Where it lives, or lived.</param>
/// <param name="Span">The span to cut, or <see langword="null"/> for the whole item.</param>
/// <param name="Applied">Whether the slice has been rewritten without it.</param>
public sealed record TargetRow(long Request, string Item, string Subject, Placement Place, TextSpan? Span, bool Applied);
