using System.Text;
using Sisa.Readers.Features;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Proposes a recipe for files of rows with fields: JSONL, CSV, Parquet.</summary>
internal sealed class RowInspector
{
    private readonly string _path;
    private readonly CorpusFormat _format;
    private readonly CancellationToken _cancellationToken;
    private readonly List<string> _notes = [];
    private CorpusOptions _corpus = new();

    /// <summary>Prepares a look at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public RowInspector(string path, CorpusFormat format, CancellationToken cancellationToken)
    {
        _path = path;
        _format = format;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Makes the proposal.</summary>
    public InspectedRecipe Inspect()
    {
        var discovered = FieldDiscovery.Discover(_path, _format);
        _corpus = discovered.Corpus;
        _notes.AddRange(discovered.Notes);
        var map = FieldMap.OfAll(discovered.Names, discovered.VectorField);
        var fields = map.Names.Select(name => new FieldStatistics(name)).ToList();
        var rows = Scan(map, row =>
        {
            for (var slot = 0; slot < fields.Count; slot++)
            {
                fields[slot].Add(row, slot);
            }
        });
        if (rows == 0)
        {
            throw new CorpusException("The file holds no rows that could be read.", "Check that it is what its name says.", _path);
        }

        var roles = new FieldRoles(fields, rows);
        var (id, subject, label, text) = (roles.Id, roles.Subject, roles.Label, roles.Text);
        if (roles.IsTextGuessed)
        {
            _notes.Add($"The field '{text[0]}' was taken for the text because its values are long; map another as corpus.fields.text if that is wrong.");
        }

        if (id is null)
        {
            _notes.Add("No field names every row by itself, so items are named by file and row; such ids stay the same only as long as the file is neither edited nor renamed.");
        }

        if (subject is null)
        {
            _notes.Add("No field looks like a person, so every item is a subject of its own. Map corpus.fields.subject if one tells whose item a row is.");
        }

        var declared = new List<string> { "corpus.fields", "ensemble.shards" };
        var features = text.Count > 0
            ? new FeatureOptions { Text = new TextFeature() }
            : GuessDense([.. fields.Where(field => field != id && field != subject && field != label)], declared);
        IReadOnlyList<string> labels = [];
        if (label is null)
        {
            _notes.Add("No field looks like a label. Map corpus.fields.label, and declare labels.");
        }
        else
        {
            labels = SharedLabels(map, label, subject ?? id);
            if (label.Missing > 0)
            {
                _notes.Add($"{label.Missing} rows have no label and are refused; use --on-error skip, or leave them out.");
            }

            declared.Add("labels");
        }

        var recipe = new Recipe
        {
            Name = RecipeInspector.NameOf(_path),
            Corpus = _corpus with
            {
                Fields = new FieldOptions
                {
                    Id = id is null ? [] : [id.Name],
                    Subject = subject is null ? [] : [subject.Name],
                    Text = text,
                    Joining = text.Count > 1 ? FieldJoining.Escaped : FieldJoining.Plain,
                    Label = label?.Name,
                },
            },
            Labels = labels,
            Features = features,
            Ensemble = new EnsembleOptions { Shards = (int)Math.Clamp(rows / 100, 2, 8) },
            Model = text.Count > 0 ? new TextClassifierOptions() : new MlpOptions(),
            DeclaredAfterInspection = declared,
        };
        return new InspectedRecipe(recipe, _notes);
    }

    private long Scan(FieldMap map, Action<FieldRow> look)
    {
        using var file = CorpusFile.Open(_path);
        using IRowSource source = _format switch
        {
            CorpusFormat.Csv => new CsvSource(file.Content, _path, map, _corpus),
            CorpusFormat.Parquet => new ParquetSource(file, map),
            _ => new JsonlSource(file.Content, map, _corpus),
        };
        var row = new FieldRow(map);
        var (good, bad) = (0L, 0L);
        var first = string.Empty;
        while (source.Next(row))
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (row.Fault is null)
            {
                good++;
                look(row);
            }
            else if (bad++ == 0)
            {
                first = $"row {row.Number}: {row.Fault.Message}";
            }
        }

        var note = $"{bad} rows cannot be read; the first is {first}";
        if (bad > 0 && !_notes.Contains(note))
        {
            _notes.Add(note);
        }

        return good;
    }

    private FeatureOptions GuessDense(List<FieldStatistics> fields, List<string> declared)
    {
        var vectorField = fields.Find(field => field.Vectors > 0 && field.VectorLength > 0 && field.Present == 0 && field.Nested == 0);
        var scalars = fields.Where(field => field.Vectors == 0 && field.Nested == 0 && field.Present > 0).ToList();
        var categories = scalars.Where(field => field.Values is not null && (!field.IsNumeric || FieldRoles.Words(field.Name).Contains("id"))).ToList();
        var numbers = scalars.Where(field => field.IsNumeric && !categories.Contains(field) && field.Distinct > 1 && !FieldRoles.Words(field.Name).Contains("id")).ToList();
        var unused = scalars.Except(categories).Except(numbers).Select(field => $"'{field.Name}'").ToList();
        if (unused.Count > 0)
        {
            _notes.Add($"Not used, because nearly every row has a value of its own or all have the same: {string.Join(", ", unused)}.");
        }

        if (numbers.Any(field => field.Missing > 0))
        {
            _notes.Add("Rows without a number take the lower end of its range; change features.numbers.*.missing if another value is better.");
        }

        if (numbers.Count > 0)
        {
            _notes.Add("Ranges of numbers are rounded outward. Rows outside them are refused, so widen them where later data may lie beyond.");
            declared.Add("features.numbers");
        }

        if (categories.Count > 0)
        {
            declared.Add("features.categories");
        }

        if (vectorField is not null)
        {
            declared.Add("features.vector");
        }

        var (low, high) = vectorField?.Range.RoundedOutward() ?? (0, 1);
        return new FeatureOptions
        {
            Numbers = [.. numbers.Select(Number)],
            Categories = categories.Count == 0 ? null : new CategoryFeature([.. categories.Select(field => field.Name)], Buckets(categories.Sum(field => field.Distinct))),
            Vector = vectorField is null ? null : new VectorFeature(vectorField.Name, vectorField.VectorLength, low, high),
        };
    }

    private static NumberFeature Number(FieldStatistics field)
    {
        var (min, max) = field.Range.RoundedOutward();
        return new NumberFeature(field.Name, min, max, field.Missing > 0 ? min : null);
    }

    /// <summary>A power of two, at least twice the values, so that few share a bucket and the number tells little.</summary>
    private static int Buckets(int values) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(values * 2, 16, 65_536));

    /// <summary>The labels that more than one subject holds, sorted.</summary>
    private IReadOnlyList<string> SharedLabels(FieldMap map, FieldStatistics label, FieldStatistics? subject)
    {
        var labelSlot = SlotOf(map, label.Name);
        var subjectSlot = subject is null ? -1 : SlotOf(map, subject.Name);
        var holders = new Dictionary<string, (ulong First, bool IsShared)>(StringComparer.Ordinal);
        Scan(map, row =>
        {
            if (FieldRow.IsBlank(row.Value(labelSlot)))
            {
                return;
            }

            var value = Encoding.UTF8.GetString(row.Value(labelSlot));
            var holder = subjectSlot < 0 ? (ulong)row.Number : FeatureHash.Mix(FeatureHash.Add(FeatureHash.Start, row.Value(subjectSlot)));
            holders[value] = holders.TryGetValue(value, out var known) ? (known.First, known.IsShared || known.First != holder) : (holder, false);
        });
        var single = holders.Count(pair => !pair.Value.IsShared);
        if (single > 0)
        {
            _notes.Add($"{single} of {holders.Count} labels are each held by a single subject and were left out: a declared label stays after its subject is forgotten. "
                + "Rows with such a label are refused; use --on-error skip, or declare the labels if their existence may stay known.");
        }

        var shared = holders.Where(pair => pair.Value.IsShared).Select(pair => pair.Key);
        return [.. holders.Keys.All(key => long.TryParse(key, out _)) ? shared.OrderBy(long.Parse) : shared.Order(StringComparer.Ordinal)];
    }

    private static int SlotOf(FieldMap map, string name) => map.Names.TakeWhile(candidate => candidate != name).Count();
}
