using Sisa.Corpora;

namespace Sisa.Readers.Losses;

/// <summary>Rows of one file that were skipped for one reason.</summary>
/// <param name="File">The file, as the user gave it.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Unit"><c>lines</c>, or <c>rows</c> where the format has no lines.</param>
/// <param name="Rows">Rows as the reader met them. One row that holds an open quotation mark can take any number of lines.</param>
/// <param name="Lines">Lines that these rows take, in <paramref name="Unit"/>: what the file loses.</param>
/// <param name="Ranges">Where, in ascending order; the first 100 ranges.</param>
/// <param name="RangesAreWhole">Whether <paramref name="Ranges"/> names all of them.</param>
public sealed record RowLoss(string File, RowFaultReason Reason, string Unit, long Rows, long Lines, IReadOnlyList<LineRange> Ranges, bool RangesAreWhole);
