namespace Sisa.Readers.Formats;

/// <summary>Matches the columns of a file with the mapped fields.</summary>
internal static class Columns
{
    /// <summary>Columns that a message lists at most.</summary>
    private const int ListedColumns = 30;

    /// <summary>Finds the slot of every column.</summary>
    /// <param name="map">The mapped fields.</param>
    /// <param name="columns">Names of the file's columns, in order.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="found">How the message begins that lists the columns.</param>
    /// <param name="row">One-based line of the names.</param>
    /// <returns>Slot per column, −1 for a column that nothing maps.</returns>
    /// <exception cref="CorpusException">A mapped field has no column, or two.</exception>
    public static int[] Match(FieldMap map, IReadOnlyList<string> columns, string file, string found, long row = 1)
    {
        var slots = new int[columns.Count];
        var columnOf = new int[map.Names.Count];
        Array.Fill(columnOf, -1);
        var slotOf = map.Names.Select((name, slot) => (name, slot)).ToDictionary(pair => pair.name, pair => pair.slot, StringComparer.Ordinal);
        for (var column = 0; column < slots.Length; column++)
        {
            var slot = slotOf.GetValueOrDefault(columns[column], -1);
            slots[column] = slot;
            if (slot < 0)
            {
                continue;
            }

            if (columnOf[slot] >= 0)
            {
                throw new CorpusException(
                    $"Column {RowFault.Quote(columns[column])} occurs twice, as columns {columnOf[slot] + 1} and {column + 1}.",
                    "Rename one of them.",
                    file,
                    row);
            }

            columnOf[slot] = column;
        }

        var missing = map.Names.Where((_, slot) => columnOf[slot] < 0 && map.IsRequired(slot)).ToList();
        if (missing.Count > 0)
        {
            var listed = string.Join(", ", columns.Take(ListedColumns).Select(RowFault.Quote)) + (columns.Count > ListedColumns ? ", …" : string.Empty);
            throw new CorpusException(
                $"No column {string.Join(", ", missing.Select(RowFault.Quote))}. {found} {listed}.",
                "Correct corpus.fields or features in the recipe; names must match exactly.",
                file,
                row);
        }

        return slots;
    }
}
