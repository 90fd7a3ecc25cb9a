using System.Text;
using Sisa.Corpora;
using Sisa.Readers.Losses;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>Looks for rows within quoted fields of CSV: two stray quotation marks make one text of all rows between them, and no parser objects.</summary>
/// <remarks>
/// A row of several lines is refused where its further lines are rows of this file beyond doubt: most of them have the right number of columns, ids where ids belong, and a
/// declared label, risk class or batch; or, where the recipe declares none of these, all of them (three at least) have the columns and an id of the same make. Where only the number of columns
/// fits, the owner is told, and the row counts: a text may hold a table. Not thread-safe.
/// </remarks>
internal sealed class SwallowedRows
{
    private const int FewestLines = 3;
    private const int LongRowLines = 1000;

    private static readonly string[] _lineEnds = ["\r\n", "\n", "\r"];

    private readonly FieldMap _map;
    private readonly HashSet<string> _labels;
    private readonly HashSet<string> _risks;
    private readonly HashSet<string> _batches;
    private readonly LineRanges _suspects = new();
    private readonly LineRanges _longRows = new();

    /// <summary>Creates the watch over one file.</summary>
    /// <param name="map">The mapped fields.</param>
    /// <param name="recipe">Declares the values.</param>
    public SwallowedRows(FieldMap map, Recipe recipe)
    {
        _map = map;
        _labels = recipe.Task == TaskKind.LanguageModel ? [] : new(recipe.Labels, StringComparer.Ordinal);
        _risks = new(recipe.Ensemble.RiskClassNames, StringComparer.Ordinal);
        _batches = new(recipe.Ensemble.Batches, StringComparer.Ordinal);
    }

    /// <summary>Looks at a row of several lines that parses well.</summary>
    /// <param name="raw">The row as the file has it.</param>
    /// <param name="delimiter">The delimiter.</param>
    /// <param name="slots">Slot of every column.</param>
    /// <param name="lines">The lines that it takes.</param>
    /// <returns>The fault, where these are several rows beyond doubt.</returns>
    public RowFault? Examine(string raw, string delimiter, int[] slots, LineRange lines)
    {
        var pieces = raw.Split(_lineEnds, StringSplitOptions.None);
        var ownIds = IdShapes(pieces[0].Split(delimiter), slots);
        var (others, columns, rows) = (0, 0, 0);
        foreach (var piece in pieces.Skip(1).Where(piece => !string.IsNullOrWhiteSpace(piece)))
        {
            others++;
            var cells = piece.Split(delimiter);
            if (slots.Length > 1 && cells.Length == slots.Length)
            {
                columns++;
                rows += IsRow(cells, slots, ownIds) ? 1 : 0;
            }
        }

        var isCertain = HasDeclared(slots) ? 2 * rows > others : _map.Id.Length > 0 && rows == others && rows >= FewestLines;
        if (isCertain)
        {
            return new RowFault(
                $"A quotation mark was not closed: the row takes lines {lines.First} to {lines.Last}, and {rows} of the lines after its first {(rows == 1 ? "is a row" : "are rows")} of this file.",
                "Close the quotation mark. If the text really holds such lines, write the file as JSON lines, where line breaks are unambiguous.",
                RowFaultReason.Quotation);
        }

        if (columns >= FewestLines && 2 * columns > others)
        {
            _suspects.Add(lines);
        }
        else if (lines.Last - lines.First >= LongRowLines)
        {
            _longRows.Add(lines);
        }

        return null;
    }

    /// <summary>Reports doubtful places, once a file.</summary>
    /// <param name="name">The file.</param>
    /// <param name="tell">Receives sentences.</param>
    public void Report(string name, Action<string>? tell)
    {
        if (_suspects.Ranges.Count > 0)
        {
            tell?.Invoke($"{name}: quoted fields at lines {Listed(_suspects)} hold lines with as many columns as the rows of this file. Check whether a quotation mark is open there: the following rows would become part of another row's text.");
        }

        if (_longRows.Ranges.Count > 0)
        {
            tell?.Invoke($"{name}: rows of more than {LongRowLines} lines each are at lines {Listed(_longRows)}. Check whether a quotation mark is open there.");
        }
    }

    private bool HasDeclared(int[] slots) =>
        slots.Any(slot => slot >= 0 && ((slot == _map.Label && _labels.Count > 0) || (slot == _map.Risk && _risks.Count > 0) || (slot == _map.Batch && _batches.Count > 0)));

    private bool IsRow(string[] cells, int[] slots, List<string> ownIds)
    {
        for (var column = 0; column < slots.Length; column++)
        {
            var (slot, value) = (slots[column], cells[column].Trim('"'));
            if (slot >= 0
                && ((slot == _map.Label && _labels.Count > 0 && !_labels.Contains(value))
                    || (slot == _map.Risk && _risks.Count > 0 && !_risks.Contains(value))
                    || (slot == _map.Batch && _batches.Count > 0 && !_batches.Contains(value))
                    || (_map.Id.Contains(slot) && value.Length == 0)))
            {
                return false;
            }
        }

        return HasDeclared(slots) || IdShapes(cells, slots).SequenceEqual(ownIds);
    }

    private List<string> IdShapes(string[] cells, int[] slots) =>
        [.. cells.Take(slots.Length).Where((_, column) => slots[column] >= 0 && _map.Id.Contains(slots[column])).Select(cell => Shape(cell.Trim('"')))];

    /// <summary>The pattern of an id: each sequence of digits or of letters counts as one character.</summary>
    private static string Shape(string id)
    {
        var shape = new StringBuilder();
        foreach (var c in id)
        {
            var kind = char.IsDigit(c) ? '9' : char.IsLetter(c) ? 'a' : c;
            if (shape.Length == 0 || shape[^1] != kind)
            {
                shape.Append(kind);
            }
        }

        return shape.ToString();
    }

    private static string Listed(LineRanges ranges)
    {
        const int Shown = 10;
        return string.Join(", ", ranges.Ranges.Take(Shown)) + (ranges.Ranges.Count > Shown ? $" and {ranges.Ranges.Count - Shown} more" : string.Empty);
    }
}
