using System.Text;
using Sisa.Corpora;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Finds out how a file of separated values is to be read: what stands between columns, and whether the first line names them.</summary>
/// <remarks>Looks at the first rows with the reader's own parser, so that quotation marks mean the same.</remarks>
internal static class CsvLook
{
    /// <summary>Rows that are looked at; the roles of columns are judged from all rows, later.</summary>
    private const int Rows = 1_000;

    private const double ConsistentShare = 0.95;

    private static readonly string[] _delimiters = [",", ";", "\t", "|"];

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="given">Keys that the user set; they win.</param>
    /// <exception cref="CorpusException">The file cannot be read.</exception>
    public static CorpusOptions Look(string path, GivenKeys given)
    {
        var options = given.Recipe.Corpus with { Format = CorpusFormat.Csv, Fields = new FieldOptions() };
        var hasTabs = CorpusFile.WithoutGzip(path) is var bare && (bare.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) || bare.EndsWith(".tab", StringComparison.OrdinalIgnoreCase));
        var samples = (given.Has("corpus.delimiter") || hasTabs ? [options.Delimiter] : _delimiters).Select(delimiter => Read(path, options with { Delimiter = delimiter, Header = false })).ToList();
        var best = samples.Where(sample => sample.Share >= ConsistentShare).OrderByDescending(sample => sample.Columns).FirstOrDefault()
            ?? samples.OrderByDescending(sample => sample.Columns > 1 ? sample.Share : 0).First();
        if (best.Fault is { } fault && best.Lines.Count == 0)
        {
            throw fault;
        }

        // One column of lines is how a table reads whose quotation marks are broken.
        if (best.Columns == 1 && samples.Find(sample => sample.BadQuotes is not null && NamesColumns(sample)) is { BadQuotes: { } badQuotes })
        {
            throw badQuotes;
        }

        return options with { Delimiter = best.Delimiter, Header = given.Has("corpus.header") ? options.Header : IsHeader(best.Lines) };
    }

    private static bool NamesColumns(Sample sample) => sample is { Columns: >= 3, Lines: [var names, ..] } && names.All(name => ValueShape.Of(Encoding.UTF8.GetBytes(name)).Words is >= 1 and <= 3);

    private static Sample Read(string path, CorpusOptions options)
    {
        var lines = new List<string[]>();
        var bad = 0;
        var badQuotes = default(CorpusException);
        var columns = 0;
        try
        {
            using (var file = CorpusFile.Open(path))
            using (var source = new CsvSource(file.Content, path, FieldMap.OfAll([], null), options))
            {
                columns = source.Header.Count;
            }

            var map = FieldMap.OfAll(Enumerable.Range(1, columns).Select(i => $"c{i}"), null);
            using var again = CorpusFile.Open(path);
            using var rows = new CsvSource(again.Content, path, map, options);
            var row = new FieldRow(map);
            while (lines.Count + bad < Rows && rows.Next(row))
            {
                if (row.Fault is null)
                {
                    lines.Add([.. Enumerable.Range(0, columns).Select(slot => Encoding.UTF8.GetString(row.Value(slot)))]);
                }
                else
                {
                    bad++;
                    badQuotes ??= row.Fault.Reason == RowFaultReason.Quotation ? new CorpusException(row.Fault.Message, row.Fault.Hint, path, row.Number) : null;
                }
            }
        }
        catch (CorpusException e)
        {
            // Another delimiter may read the file; where none does, this is what is wrong with it.
            return new Sample(options.Delimiter, columns, lines, 0, e, badQuotes);
        }

        return new Sample(options.Delimiter, columns, lines, (double)lines.Count / Math.Max(1, lines.Count + bad), null, badQuotes);
    }

    /// <summary>Whether the first line names the columns: names do not come again below, and differ from the values in kind.</summary>
    private static bool IsHeader(List<string[]> lines)
    {
        if (lines.Count == 0)
        {
            return true;
        }

        var names = lines[0].Select(name => name.Trim()).ToArray();
        if (names.All(name => name.Length == 0) || names.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal).Any(same => same.Count() > 1 && names.Length < 4))
        {
            return false;
        }

        var score = 0;
        for (var column = 0; column < names.Length; column++)
        {
            var below = lines.Skip(1).Where(line => !line.SequenceEqual(lines[0])).Select(line => line[column].Trim()).Where(value => value.Length > 0 && value != "?").ToList();
            score += Score(names[column], below);
        }

        return score > 0;
    }

    private static int Score(string name, List<string> below)
    {
        var shape = name.Length == 0 ? default : ValueShape.Of(Encoding.UTF8.GetBytes(name));
        var shapes = below.ConvertAll(value => ValueShape.Of(Encoding.UTF8.GetBytes(value)));
        bool Mostly(Func<ValueShape, bool> what) => shapes.Count > 0 && shapes.Count(what) >= 0.9 * shapes.Count;
        var measured = Mostly(value => value.IsNumber) || Mostly(value => value.IsDate) || Mostly(value => value.IsContact);
        if (name.Length == 0)
        {
            // The index that pandas writes has no name.
            return measured ? 1 : 0;
        }

        if (shape.IsNumber || shape.IsDate || shape.IsContact)
        {
            return measured || shapes.Count == 0 ? -4 : -1;
        }

        if (below.Contains(name, StringComparer.Ordinal))
        {
            return -4;
        }

        var words = shapes.Select(value => value.Words).DefaultIfEmpty(0).Average();
        if ((shape.Words >= 5 || name.Length > 60) && words >= 3)
        {
            return -3;
        }

        var isCodeAmongCodes = shape.HasDigit && Mostly(value => value.HasDigit && !value.IsNumber) && words < 2;
        return measured ? 3 : isCodeAmongCodes ? -2 : shape.Words <= 6 ? 1 : 0;
    }

    private sealed record Sample(string Delimiter, int Columns, List<string[]> Lines, double Share, CorpusException? Fault, CorpusException? BadQuotes);
}
