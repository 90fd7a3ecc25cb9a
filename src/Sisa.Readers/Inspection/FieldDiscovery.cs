using System.Text.Json;
using Sisa.Corpora;
using Sisa.Readers.Formats;
using Sisa.Readers.Formats.Parquet;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Finds out which fields files of rows have, and how they are to be read.</summary>
internal sealed class FieldDiscovery
{
    /// <summary>Rows whose nested values are looked at; their names are taken from all rows.</summary>
    private const int NestedRows = 2_000;

    private const int MaxFields = 10_000;
    private const int MaxNameChars = 1_000;

    private readonly GivenKeys _given;
    private readonly CancellationToken _cancellationToken;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NestedField> _nested = new(StringComparer.Ordinal);
    private readonly List<(string Name, string Reason)> _leftOut = [];

    private FieldDiscovery(GivenKeys given, CancellationToken cancellationToken) => (_given, _cancellationToken) = (given, cancellationToken);

    /// <summary>Names of the fields, each once, in order of appearance.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The first field that holds arrays of numbers, or <see langword="null"/>.</summary>
    public string? VectorField { get; private set; }

    /// <summary>How the files are to be read.</summary>
    public CorpusOptions Corpus { get; private set; } = new();

    /// <summary>Whether the names are the files' own, not <c>c1</c>, <c>c2</c>, ….</summary>
    public bool IsNamed => Corpus.Format != CorpusFormat.Csv || Corpus.Header;

    /// <summary>Whether a file is gzip.</summary>
    public bool IsGzip { get; private set; }

    /// <summary>Fields of JSON that hold objects or lists.</summary>
    public IReadOnlyDictionary<string, NestedField> Nested => _nested;

    /// <summary>Columns that no recipe can map, and why.</summary>
    public IReadOnlyList<(string Name, string Reason)> LeftOut => _leftOut;

    /// <summary>Looks at files.</summary>
    /// <param name="paths">The files, all of one form.</param>
    /// <param name="format">Their format.</param>
    /// <param name="given">Keys that the user set.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static FieldDiscovery Discover(IReadOnlyList<string> paths, CorpusFormat format, GivenKeys given, CancellationToken cancellationToken)
    {
        var discovery = new FieldDiscovery(given, cancellationToken) { Corpus = given.Recipe.Corpus with { Format = format, Fields = new FieldOptions() } };
        var look = RowFormat.Of(format).Discover ?? throw new CorpusException(
            $"The file is of the format {format}, for which no recipe can be proposed.", $"Write a recipe by hand: {Step.PrintRecipe} prints one to start from.", paths[0]);
        foreach (var path in paths)
        {
            look(discovery, path, path == paths[0]);
        }

        return discovery;
    }

    /// <summary>Looks at a file.</summary>
    internal void LookAtCsv(string path, bool isFirst)
    {
        var look = CsvLook.Look(path, _given);
        if (!isFirst && (look.Delimiter, look.Header) != (Corpus.Delimiter, Corpus.Header))
        {
            throw new CorpusException("The delimiter or header of the file differs from that of the first file, and a recipe declares only one.", "Inspect files of one form together.", path);
        }

        Corpus = look;
        using var file = CorpusFile.Open(path);
        using var source = new CsvSource(file.Content, path, FieldMap.OfAll([], null), Corpus);
        var columns = source.Header.GroupBy(name => name, StringComparer.Ordinal).ToList();
        foreach (var column in columns)
        {
            if (column.Count() > 1 && column.Key.Length > 0)
            {
                LeaveOut(column.Key, "two columns have this name; rename one of them");
            }
            else
            {
                Add(column.Key);
            }
        }
    }

    /// <summary>Looks at a file.</summary>
    internal void LookAtParquet(string path)
    {
        using var file = CorpusFile.Open(path);
        using var source = new ParquetSource(file, FieldMap.OfAll([], null));
        foreach (var field in source.Fields)
        {
            if ((field.Problem ?? ProblemOf(path, field)) is { } problem)
            {
                // What one file cannot give, no recipe for all of them can map.
                _seen.Add(field.Name);
                Names.Remove(field.Name);
                VectorField = VectorField == field.Name ? null : VectorField;
                LeaveOut(field.Name, $"it {problem}");
                continue;
            }

            VectorField ??= field.IsList && !_leftOut.Exists(left => left.Name == field.Name) ? field.Name : null;
            if (field.IsList && field.Name != VectorField)
            {
                LeaveOut(field.Name, "it holds lists, and a recipe takes one vector");
            }
            else
            {
                Add(field.Name);
            }
        }
    }

    // Read the column alone: an unreadable column must not stop the others, and bytes that are not text are no field.
    private string? ProblemOf(string path, ParquetField field)
    {
        var map = FieldMap.OfAll([field.Name], field.IsList ? field.Name : null);
        var row = new FieldRow(map);
        try
        {
            using var file = CorpusFile.Open(path);
            using var source = new ParquetSource(file, map);
            while (source.Next(row))
            {
                _cancellationToken.ThrowIfCancellationRequested();
                if (row.Fault is not null && field.Type!.IsBytes)
                {
                    return $"holds bytes that are not text ({field.Type.Name})";
                }
            }

            return null;
        }
        catch (CorpusException e)
        {
            // The reason appears beside the column's name, so omit place and name.
            var (place, column) = (e.Row is null ? $"{e.File}: " : $"{e.File}:{e.Row}: ", $"Column {RowFault.Quote(field.Name)} ");
            var reason = e.Message[place.Length..].TrimEnd('.');
            return reason.StartsWith(column, StringComparison.Ordinal) ? reason[column.Length..] : $"cannot be read: {reason}";
        }
    }

    /// <summary>Looks at a file.</summary>
    internal void LookAtJson(string path)
    {
        JsonDocumentCheck.Check(path, Corpus.MaxFieldBytes);
        using var file = CorpusFile.Open(path);
        IsGzip |= file.IsGzip;
        using var lines = new LineReader(file.Content, Corpus.MaxFieldBytes);
        for (var rows = 0L; lines.Next(); rows++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (rows < NestedRows)
                {
                    LookInto(lines);
                }
                else
                {
                    LookAtNames(lines.Current);
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // The scan counts bad rows and names the first. Here they are ignored.
                continue;
            }
        }
    }

    private void LookInto(LineReader lines)
    {
        using var row = JsonDocument.Parse(lines.Buffer.AsMemory(lines.Start, lines.Length));
        if (row.RootElement.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in row.RootElement.EnumerateObject())
        {
            Add(property.Name);
            if (property.Value.ValueKind == JsonValueKind.Array && property.Value.GetArrayLength() > 1
                && property.Value.EnumerateArray().All(element => element.ValueKind == JsonValueKind.Number))
            {
                VectorField ??= property.Name;
            }

            if (property.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object && property.Name != VectorField && _nested.Count < MaxFields)
            {
                if (!_nested.TryGetValue(property.Name, out var nested))
                {
                    _nested.Add(property.Name, nested = new NestedField(property.Name));
                }

                nested.Add(property.Value);
            }
        }
    }

    private void LookAtNames(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Add(reader.GetString()!);
            reader.Read();
            reader.Skip();
        }
    }

    private void Add(string name)
    {
        if (name.Length == 0)
        {
            LeaveOut(name, "it has no name, like the index that pandas writes; a recipe maps names");
        }
        else if (name.Length > MaxNameChars)
        {
            LeaveOut(name, $"its name has more than {MaxNameChars} characters");
        }
        else if (_seen.Count >= MaxFields && !_seen.Contains(name))
        {
            LeaveOut("…", $"there are more than {MaxFields} fields");
        }
        else if (_seen.Add(name))
        {
            Names.Add(name);
        }
    }

    private void LeaveOut(string name, string reason)
    {
        if (!_leftOut.Contains((name, reason)))
        {
            _leftOut.Add((name, reason));
        }
    }
}
