namespace Sisa.Engine.Ingesting;

/// <summary>Where the lines of the source files went. A format without lines counts rows; blank lines and headers count nowhere.</summary>
/// <param name="Read">Lines of all rows.</param>
/// <param name="Ingested">Lines of the items that were added.</param>
/// <param name="Skipped">Lines lost to faults, duplicates among them.</param>
/// <param name="Forgotten">Lines whose item or subject was forgotten.</param>
/// <param name="Excepted">Lines left out by a list.</param>
/// <remarks><see cref="Read"/> is always the sum of the others.</remarks>
public sealed record LineAccount(long Read, long Ingested, long Skipped, long Forgotten, long Excepted);
