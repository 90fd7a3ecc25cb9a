using System.Collections.Immutable;
using Sisa.Corpora;
using Sisa.Readers.Formats.Parquet;
using Sisa.Readers.Inspection;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>How files of one format are known and read. The table of formats: recipes, readers and <c>init --inspect</c> read it.</summary>
/// <remarks>Immutable and thread-safe. The built-in formats are registered by the call by which a program registers its own.</remarks>
public sealed class RowFormat
{
    private static ImmutableArray<RowFormat> _all = [];

    /// <summary>JSON lines.</summary>
    internal static RowFormat Jsonl { get; } = Add(new()
    {
        Format = CorpusFormat.Jsonl,
        Endings = [".jsonl", ".ndjson", ".json"],
        Open = content => new JsonlSource(content.Stream, content.Map, content.Recipe.Corpus),
        Discover = (discovery, path, _) => discovery.LookAtJson(path),
    });

    /// <summary>Comma- and tab-separated values.</summary>
    internal static RowFormat Csv { get; } = Add(new()
    {
        Format = CorpusFormat.Csv,
        Endings = [".csv", ".tsv", ".tab"],
        Open = content => new CsvSource(content.Stream, content.Name, content.Map, content.Recipe.Corpus, content.Swallowed),
        Discover = (discovery, path, isFirst) => discovery.LookAtCsv(path, isFirst),
    });

    /// <summary>Apache Parquet.</summary>
    internal static RowFormat Parquet { get; } = Add(new()
    {
        Format = CorpusFormat.Parquet,
        Endings = [".parquet", ".pq"],
        IsBinary = true,
        Open = content => new ParquetSource(content.File!, content.Map),
        Discover = (discovery, path, _) => discovery.LookAtParquet(path),
    });

    /// <summary>Plain text.</summary>
    internal static RowFormat Text { get; } = Add(new()
    {
        Format = CorpusFormat.Text,
        Endings = [".txt", ".text", ".md"],
        Open = content => new TextSource(content.Stream, content.Name, content.Map, content.Recipe.Corpus),
        Inspect = TextInspector.Inspect,
    });

    /// <summary>IDX images.</summary>
    internal static RowFormat Idx { get; } = Add(new()
    {
        Format = CorpusFormat.Idx,
        Endings = [".idx"],
        NameParts = ["idx3", "idx4"],
        IsBinary = true,
        Open = content => new IdxSource(content.Stream, content.Name, content.Map, content.Recipe, content.ForPrediction),
        Inspect = ImageInspector.Inspect,
    });

    /// <summary>Every format that can be read.</summary>
    public static ImmutableArray<RowFormat> All => _all;

    /// <summary>The format.</summary>
    public required CorpusFormat Format { get; init; }

    /// <summary>Endings of names of this format, lower case, each with its dot. No other format has them.</summary>
    public required IReadOnlyList<string> Endings { get; init; }

    /// <summary>Opens a file. The source owns the stream from then on.</summary>
    public required Func<RowContent, IRowSource> Open { get; init; }

    /// <summary>Whether the content is no text, so that no look is taken at its encoding. Default: no.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Parts of names of this format, whatever the ending.</summary>
    internal IReadOnlyList<string> NameParts { get; init; } = [];

    /// <summary>Finds out which fields a file of rows has; <see langword="null"/> if the format cannot be inspected so.</summary>
    internal Action<FieldDiscovery, string, bool>? Discover { get; init; }

    /// <summary>Proposes a recipe in a way of its own; <see langword="null"/> for formats of rows.</summary>
    internal Func<IReadOnlyList<string>, GivenKeys, CancellationToken, InspectedRecipe>? Inspect { get; init; }

    /// <summary>Registers a format; belongs before the first recipe is read.</summary>
    /// <param name="format">The format.</param>
    /// <returns>The same.</returns>
    /// <exception cref="ArgumentException">The format, or an ending of it, is registered already.</exception>
    public static RowFormat Add(RowFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        ImmutableInterlocked.Update(ref _all, all => all.Any(known => known.Format == format.Format || known.Endings.Intersect(format.Endings).Any())
            ? throw new ArgumentException($"The format '{format.Format}' or one of its endings is already registered.", nameof(format))
            : all.Add(format));
        return format;
    }

    /// <summary>How files of a format are read.</summary>
    /// <param name="format">The format.</param>
    /// <exception cref="RecipeException">No reader is registered for it.</exception>
    internal static RowFormat Of(CorpusFormat format) => All.FirstOrDefault(known => known.Format == format)
        ?? throw new RecipeException([$"corpus.format is '{format}', which this program cannot read; allowed: {string.Join(", ", All.Select(known => known.Format.Name))}."]);

    /// <summary>The format of a file by its name, or <see langword="null"/>.</summary>
    /// <param name="name">Name of the file in lower case, without folder and the ending of gzip.</param>
    internal static RowFormat? Named(string name) =>
        All.FirstOrDefault(known => known.NameParts.Any(part => name.Contains(part, StringComparison.Ordinal)))
        ?? All.FirstOrDefault(known => known.Endings.Contains(Path.GetExtension(name)));
}

/// <summary>A file that is to be read as rows.</summary>
/// <param name="Stream">Its content, without gzip.</param>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Map">The fields to read.</param>
/// <param name="Recipe">The recipe.</param>
public sealed record RowContent(Stream Stream, string Name, FieldMap Map, Recipe Recipe)
{
    /// <summary>Whether rows are only predicted, so that labels may be absent.</summary>
    public bool ForPrediction { get; init; }

    /// <summary>The file, for formats that are not read from front to back; <see langword="null"/> for a pipe.</summary>
    internal CorpusFile? File { get; init; }

    /// <summary>Told of rows that look as if quotation marks had swallowed others.</summary>
    internal SwallowedRows? Swallowed { get; init; }
}
