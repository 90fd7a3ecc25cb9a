using System.Globalization;
using Sisa.Sharding;

namespace Sisa.Bench.Studies;

/// <summary>A store of many items with next to nothing in them, made by the command line: what its manifest costs is what a corpus of that many items costs.</summary>
/// <remarks>Ids are random UUIDs, so that a subject's items lie anywhere in the table; a subject is <c>user-</c> and its number, and has five items on average and one at least.</remarks>
internal sealed class PlanningStore
{
    /// <summary>Name of the store in its folder.</summary>
    public const string Name = "store";

    private const int ItemsPerSubject = 5;

    private readonly string _folder;
    private readonly int _subjects;

    /// <summary>Makes the store.</summary>
    /// <param name="folder">Folder that exists.</param>
    /// <param name="items">Number of items.</param>
    public PlanningStore(string folder, int items)
    {
        _folder = folder;
        _subjects = items / ItemsPerSubject;
        var corpus = Path.Combine(folder, "rows.jsonl");
        WriteRows(corpus, items);
        File.WriteAllText(Path.Combine(folder, "sisa.yaml"), """
            name: planning
            corpus: { fields: { id: id, subject: author, text: text, label: label } }
            labels: [x, y, z]
            ensemble: { shards: 8, slices: 4 }
            model: { kind: text-classifier }
            """);
        var program = new SisaProgram(folder) { WatchesMemory = true };
        program.Run("init", "--store", Name, "--recipe", "sisa.yaml");
        (_, IngestSeconds, _) = program.Run("ingest", "--store", Name, "rows.jsonl");
        IngestPeakBytes = program.OwnPeakBytes;
        File.Delete(corpus);
    }

    /// <summary>Path of the store.</summary>
    public string Root => Path.Combine(_folder, Name);

    /// <summary>Wall seconds of its ingestion.</summary>
    public double IngestSeconds { get; }

    /// <summary>Most memory that the ingestion held at once, in bytes, without mapped files.</summary>
    public long IngestPeakBytes { get; }

    /// <summary>Path of the manifest.</summary>
    public string Manifest => Path.Combine(Root, "manifest.db");

    /// <summary>Draws different subjects.</summary>
    /// <param name="count">How many.</param>
    /// <param name="draw">Number of the draw.</param>
    public string[] Subjects(int count, int draw)
    {
        var generator = new SeededGenerator(Seeds.Derive(5, "subjects", draw));
        var drawn = new HashSet<int>();
        while (drawn.Count < count)
        {
            drawn.Add(generator.NextInt32(_subjects));
        }

        return [.. drawn.Select(Subject)];
    }

    private static string Subject(int number) => $"user-{number:00000000}";

    private void WriteRows(string path, int items)
    {
        var generator = new SeededGenerator(Seeds.Derive(3, "rows"));
        using var writer = new StreamWriter(path, append: false, encoding: null, bufferSize: 1 << 20);
        for (var i = 0; i < items; i++)
        {
            var subject = Subject(i < _subjects ? i : generator.NextInt32(_subjects));
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"id\":\"{RandomId.Next(generator)}\",\"author\":\"{subject}\",\"label\":\"{(char)('x' + (i % 3))}\",\"text\":\"{i}\"}}"));
        }
    }
}
