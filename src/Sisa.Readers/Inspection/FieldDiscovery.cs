using System.Text.Json;
using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Finds out which fields a file of rows has, and how it is to be read.</summary>
internal sealed class FieldDiscovery
{
    private const int DiscoveryRows = 2_000;
    private const int MaxFields = 10_000;

    private readonly string _path;
    private readonly CorpusFormat _format;
    private readonly List<string> _notes = [];
    private CorpusOptions _corpus;
    private string? _vectorField;

    private FieldDiscovery(string path, CorpusFormat format)
    {
        _path = path;
        _format = format;
        _corpus = new CorpusOptions { Format = format };
    }

    /// <summary>Names of the fields, each once, in order of appearance.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The first field that holds arrays of numbers, or <see langword="null"/>.</summary>
    public string? VectorField => _vectorField;

    /// <summary>How the file is to be read.</summary>
    public CorpusOptions Corpus => _corpus;

    /// <summary>What the owner should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Looks at the beginning of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format.</param>
    public static FieldDiscovery Discover(string path, CorpusFormat format)
    {
        var discovery = new FieldDiscovery(path, format);
        discovery.Names.AddRange(discovery.Discover());
        return discovery;
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

    // A column may be without a name, as the index that pandas writes in front is.
    private static bool LooksLikeHeader(IReadOnlyList<string> header) =>
        header.Where(name => name.Trim().Length > 0).ToList() is { Count: > 0 } named
        && named.Distinct(StringComparer.Ordinal).Count() == named.Count
        && named.TrueForAll(name => name.Trim().Length <= 100 && !double.TryParse(name, System.Globalization.CultureInfo.InvariantCulture, out _));

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
}
