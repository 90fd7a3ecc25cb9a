using Sisa.Corpora;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Reads all rows of some files of one form.</summary>
/// <param name="paths">The files.</param>
/// <param name="corpus">How they are read, the format included.</param>
/// <param name="map">The fields.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class RowScan(IReadOnlyList<string> paths, CorpusOptions corpus, FieldMap map, CancellationToken cancellationToken)
{
    /// <summary>The fields.</summary>
    public FieldMap Map => map;

    /// <summary>Rows that cannot be read, counted by the last <see cref="Read"/>.</summary>
    public long Bad { get; private set; }

    /// <summary>The first of them and why, or <see langword="null"/>.</summary>
    public string? FirstBad { get; private set; }

    /// <summary>Shows every row that can be read.</summary>
    /// <param name="look">Sees the row; it is reused.</param>
    /// <returns>Their number.</returns>
    public long Read(Action<FieldRow> look)
    {
        var good = 0L;
        (Bad, FirstBad) = (0, null);
        foreach (var path in paths)
        {
            using var file = CorpusFile.Open(path);
            using var source = Open(file, path);
            var row = new FieldRow(map);
            while (source.Next(row))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (row.Fault is null)
                {
                    good++;
                    look(row);
                }
                else if (Bad++ == 0)
                {
                    FirstBad = $"row {row.Number}{(paths.Count > 1 ? $" of {Path.GetFileName(path)}" : string.Empty)}: {row.Fault.Message}";
                }
            }
        }

        return good;
    }

    /// <summary>The slot of a field.</summary>
    /// <param name="field">The field.</param>
    public int SlotOf(FieldStatistics field) => map.Names.TakeWhile(name => name != field.Name).Count();

    private IRowSource Open(CorpusFile file, string path) =>
        RowFormat.Of(corpus.Format ?? CorpusFormat.Jsonl).Open(new RowContent(file.Content, path, map, new Recipe { Corpus = corpus }) { File = file });
}
