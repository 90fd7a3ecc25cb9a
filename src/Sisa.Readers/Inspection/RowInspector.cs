using System.Text;
using System.Text.Json;
using Sisa.Readers.Features;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Proposes a recipe for files of rows with fields: JSONL, CSV, Parquet.</summary>
internal sealed class RowInspector
{
    private const int DiscoveryRows = 2_000;
    private const int MaxFields = 10_000;
    private const int MaxLabels = 1_000;
    private const int MinTextBytes = 12;

    private static readonly string[] _subjectWords = ["subject", "person", "patient", "user", "author", "writer", "speaker", "customer", "client", "owner", "member", "account", "student", "employee", "participant", "creator"];
    private static readonly string[] _labelWords = ["label", "labels", "class", "target", "category", "topic", "intent", "sentiment", "emotion", "outcome", "readmitted", "income", "y"];
    private static readonly string[] _textWords = ["text", "body", "content", "sentence", "review", "document", "message", "comment", "utterance"];

    private readonly string _path;
    private readonly CorpusFormat _format;
    private readonly CancellationToken _cancellationToken;
    private readonly List<string> _notes = [];
    private CorpusOptions _corpus;
    private string? _vectorField;

    /// <summary>Prepares a look at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public RowInspector(string path, CorpusFormat format, CancellationToken cancellationToken)
    {
        _path = path;
        _format = format;
        _cancellationToken = cancellationToken;
        _corpus = new CorpusOptions { Format = format };
    }

    /// <summary>Makes the proposal.</summary>
    public InspectedRecipe Inspect()
    {
        var map = FieldMap.OfAll(Discover(), _vectorField);
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

        var id = GuessId(fields);
        var subject = GuessSubject(fields, rows, id);
        var label = GuessLabel(fields, rows, id, subject);
        var text = GuessText(fields, id, subject, label);
        if (id is null)
        {
            _notes.Add("No field names every row by itself, so items are named by file and row; such ids stay the same only as long as the file is neither edited nor renamed.");
        }

        if (subject is null)
        {
            _notes.Add("No field looks like a person, so every item is a subject of its own. Map corpus.fields.subject if one tells whose item a row is.");
        }

        var declared = new List<string> { "corpus.fields" };
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

    private List<string> Discover()
    {
        switch (_format)
        {
            case CorpusFormat.Csv:
                _corpus = _corpus with { Delimiter = SniffDelimiter() };
                var header = CsvHeader();
                if (!LooksLikeHeader(header))
                {
                    _corpus = _corpus with { Header = false };
                    _notes.Add("The first line looks like a row, not like names of columns: the columns are called c1, c2, ….");
                    header = CsvHeader();
                }

                return [.. header.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).Take(MaxFields)];
            case CorpusFormat.Parquet:
                return DiscoverParquet();
            default:
                return DiscoverJson();
        }
    }

    private IReadOnlyList<string> CsvHeader()
    {
        using var file = CorpusFile.Open(_path);
        using var source = new CsvSource(file.Content, _path, FieldMap.OfAll([], null), _corpus);
        return source.Header;
    }

    private static bool LooksLikeHeader(IReadOnlyList<string> header) =>
        header.Distinct(StringComparer.Ordinal).Count() == header.Count
        && header.All(name => name.Trim().Length is > 0 and <= 100 && !double.TryParse(name, System.Globalization.CultureInfo.InvariantCulture, out _));

    private string SniffDelimiter()
    {
        using var file = CorpusFile.Open(_path);
        using var lines = new LineReader(file.Content, _corpus.MaxFieldBytes);
        if (!lines.Next())
        {
            return ",";
        }

        var best = ",";
        var most = 0;
        foreach (var candidate in (string[])[",", ";", "\t", "|"])
        {
            var count = lines.Current.Count((byte)candidate[0]);
            if (count > most)
            {
                (best, most) = (candidate, count);
            }
        }

        return best;
    }

    private List<string> DiscoverParquet()
    {
        using var file = CorpusFile.Open(_path);
        using var source = new ParquetSource(file, FieldMap.OfAll([], null));
        _vectorField = source.ListNames.Count > 0 ? source.ListNames[0] : null;
        return [.. source.Names.Except(source.NestedNames, StringComparer.Ordinal).Except(source.ListNames.Skip(1), StringComparer.Ordinal).Take(MaxFields)];
    }

    private List<string> DiscoverJson()
    {
        using var file = CorpusFile.Open(_path);
        using var lines = new LineReader(file.Content, _corpus.MaxFieldBytes);
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var rows = 0; rows < DiscoveryRows && lines.Next(); rows++)
        {
            try
            {
                using var row = JsonDocument.Parse(lines.Buffer.AsMemory(lines.Start, lines.Length));
                if (row.RootElement.ValueKind != JsonValueKind.Object)
                {
                    continue;
                }

                foreach (var property in row.RootElement.EnumerateObject())
                {
                    if (property.Value.ValueKind == JsonValueKind.Array && property.Value.GetArrayLength() > 1
                        && property.Value.EnumerateArray().All(element => element.ValueKind == JsonValueKind.Number))
                    {
                        _vectorField ??= property.Name;
                    }

                    if (names.Count < MaxFields && seen.Add(property.Name))
                    {
                        names.Add(property.Name);
                    }
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // The scan counts bad rows and names the first; here they only tell nothing.
                continue;
            }
        }

        return names;
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

    private static FieldStatistics? GuessId(List<FieldStatistics> fields)
    {
        var unique = fields.Where(field => field.IsUnique && field.MeanBytes <= 200).ToList();
        return unique.Find(field => Is(field, "id"))
            ?? unique.Find(field => Is(field, "uuid") || Is(field, "guid") || Is(field, "key"))
            ?? unique.Find(field => field.Name.EndsWith("_id", StringComparison.OrdinalIgnoreCase) || field.Name.EndsWith("Id", StringComparison.Ordinal) || field.Name.EndsWith("-id", StringComparison.OrdinalIgnoreCase));
    }

    private static FieldStatistics? GuessSubject(List<FieldStatistics> fields, long rows, FieldStatistics? id) => _subjectWords
        .Select(word => fields.Find(field =>
            field != id && field.Missing == 0 && field.Nested == 0 && field.Vectors == 0 && field.Distinct >= 2 && field.Distinct < rows && field.MeanBytes <= 200
            && Words(field.Name).Contains(word)))
        .FirstOrDefault(found => found is not null);

    private static FieldStatistics? GuessLabel(List<FieldStatistics> fields, long rows, FieldStatistics? id, FieldStatistics? subject)
    {
        var candidates = fields
            .Where(field => field != id && field != subject && field.Nested == 0 && field.Vectors == 0 && field.Values is { Count: >= 2 and <= MaxLabels } && field.Distinct <= Math.Max(2, rows / 2))
            .ToList();
        return _labelWords.Select(word => candidates.Find(field => Is(field, word))).FirstOrDefault(found => found is not null)
            ?? _labelWords.Where(word => word.Length > 1).Select(word => candidates.Find(field => Words(field.Name).Contains(word))).FirstOrDefault(found => found is not null)
            ?? (fields.Count > 0 && candidates.Contains(fields[^1]) && fields[^1].Distinct <= 50 ? fields[^1] : null);
    }

    private IReadOnlyList<string> GuessText(List<FieldStatistics> fields, FieldStatistics? id, FieldStatistics? subject, FieldStatistics? label)
    {
        var candidates = fields
            .Where(field => field != id && field != subject && field != label && field.Nested == 0 && field.Vectors == 0 && field.Numbers < field.Present / 2 && field.MeanBytes >= MinTextBytes)
            .ToList();
        if (_textWords.Select(word => candidates.Find(field => Is(field, word))).FirstOrDefault(found => found is not null) is { } named)
        {
            return [named.Name];
        }

        if (candidates.Find(field => Is(field, "question")) is { } question && candidates.Find(field => Is(field, "answer")) is { } answer)
        {
            return [question.Name, answer.Name];
        }

        var longest = candidates.Where(field => field.Values is null && (field.SpaceShare > 0.5 || field.MeanBytes > 40)).MaxBy(field => field.MeanBytes);
        if (longest is not null)
        {
            _notes.Add($"The field '{longest.Name}' was taken for the text because its values are long; map another as corpus.fields.text if that is wrong.");
        }

        return longest is null ? [] : [longest.Name];
    }

    private FeatureOptions GuessDense(List<FieldStatistics> fields, List<string> declared)
    {
        var vectorField = fields.Find(field => field.Vectors > 0 && field.VectorLength > 0 && field.Present == 0 && field.Nested == 0);
        var scalars = fields.Where(field => field.Vectors == 0 && field.Nested == 0 && field.Present > 0).ToList();
        var categories = scalars.Where(field => field.Values is not null && (!field.IsNumeric || Words(field.Name).Contains("id"))).ToList();
        var numbers = scalars.Where(field => field.IsNumeric && !categories.Contains(field) && field.Distinct > 1 && !Words(field.Name).Contains("id")).ToList();
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
            if (row.Value(labelSlot).IsEmpty)
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

    private static bool Is(FieldStatistics field, string word) => string.Equals(field.Name, word, StringComparison.OrdinalIgnoreCase);

    /// <summary>The words in a name, in lower case: <c>userId</c> and <c>user_id</c> hold <c>user</c> and <c>id</c>.</summary>
    private static HashSet<string> Words(string name)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var word = new StringBuilder();
        foreach (var c in name)
        {
            if (!char.IsLetterOrDigit(c) || (char.IsUpper(c) && word.Length > 0 && char.IsLower(word[^1])))
            {
                words.Add(word.ToString().ToLowerInvariant());
                word.Clear();
            }

            if (char.IsLetterOrDigit(c))
            {
                word.Append(c);
            }
        }

        words.Add(word.ToString().ToLowerInvariant());
        return words;
    }
}
