using System.Diagnostics;
using System.Globalization;
using Sisa.Engine.Stores;
using Sisa.Sharding;

namespace Sisa.Bench.Studies;

/// <summary>Ingestion: rows a second on one core from JSONL to the finished store, look-ups at a million items, and a 2 GB file under a
/// small managed heap.</summary>
/// <remarks>Usage: <c>./build.sh bench ingest</c>.</remarks>
internal static class IngestStudy
{
    private const int Rows = 1_000_000;
    private const long LargeFileBytes = 2L << 30;
    private const long HeapLimitBytes = 256L << 20;

    public static void Run()
    {
        var folder = Path.Combine(Path.GetTempPath(), "sisa-bench-ingest");
        Directory.CreateDirectory(folder);
        try
        {
            var result = new StudyResult("Ingestion", "./build.sh bench ingest");
            var rows = new List<IReadOnlyList<string>>
            {
                OneCore(folder, "small rows, id = subject", withSubjects: false),
                OneCore(folder, "small rows, 200,000 subjects", withSubjects: true),
                Large(folder),
            };
            result.Table(["work", "rows", "file", "seconds", "rows/s"], rows);
            result.Say(LookUps(Path.Combine(folder, "subjects")));
            result.Write("ingest");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] OneCore(string folder, string name, bool withSubjects)
    {
        var corpus = Path.Combine(folder, "rows.jsonl");
        var bytes = Write(corpus, Rows, words: 6, withSubjects, long.MaxValue);
        var store = withSubjects ? "subjects" : "plain";
        Init(folder, store, withSubjects);
        var (_, seconds, _) = new SisaProgram(folder) { OneCore = true }.Run("ingest", "--store", store, "rows.jsonl");
        return Row(name + ", one core", Rows, bytes, seconds);
    }

    private static string[] Large(string folder)
    {
        var corpus = Path.Combine(folder, "large.jsonl");
        var bytes = Write(corpus, int.MaxValue, words: 40, withSubjects: true, LargeFileBytes);
        Init(folder, "large", withSubjects: true);
        var (json, seconds, _) = new SisaProgram(folder) { HeapLimitBytes = HeapLimitBytes }.Run("ingest", "--store", "large", "large.jsonl");
        var rows = json!["items"]!.GetValue<long>();
        File.Delete(corpus);
        Directory.Delete(Path.Combine(folder, "large"), recursive: true);
        return Row("2 GB file, managed heap limited to 256 MB", rows, bytes, seconds);
    }

    private static string LookUps(string store)
    {
        using var open = Store.Open(store);
        var generator = new SeededGenerator(Seeds.Derive(5, "look-ups"));
        var subjects = Enumerable.Range(0, 20_000).Select(_ => $"author-{generator.NextInt32(200_000):000000}").ToArray();
        foreach (var subject in subjects.Take(5000))
        {
            open.Manifest.Items.FindBySubject([subject]);
        }

        long found = 0;
        var clock = Stopwatch.StartNew();
        foreach (var subject in subjects)
        {
            found += open.Manifest.Items.FindBySubject([subject]).Count;
        }

        var each = clock.Elapsed.TotalMicroseconds / subjects.Length;
        clock.Restart();
        var batch = open.Manifest.Items.FindBySubject([.. subjects.Take(10_000)]).Count;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Looking up one subject among {Rows:N0} items, warm: {each:0.0} µs ({(double)found / subjects.Length:0.0} items each, mean of {subjects.Length:N0} look-ups). 10,000 subjects at once: {clock.Elapsed.TotalSeconds:0.00} s ({batch:N0} items).");
    }

    private static void Init(string folder, string store, bool withSubjects)
    {
        var subject = withSubjects ? "subject: author, " : string.Empty;
        File.WriteAllText(Path.Combine(folder, "sisa.yaml"), $$"""
            name: ingest
            corpus: { fields: { id: id, {{subject}}text: text, label: label } }
            labels: [x, y, z]
            ensemble: { shards: 8, slices: 4 }
            model: { kind: text-classifier }
            """);
        new SisaProgram(folder).Run("init", "--store", store, "--recipe", "sisa.yaml");
    }

    private static long Write(string path, int rows, int words, bool withSubjects, long maxBytes)
    {
        var generator = new SeededGenerator(Seeds.Derive(3, "rows"));
        var vocabulary = Enumerable.Range(0, 5000).Select(_ => string.Concat(Enumerable.Range(0, 3 + generator.NextInt32(5)).Select(_ => (char)('a' + generator.NextInt32(26))))).ToArray();
        using var writer = new StreamWriter(path, append: false, encoding: null, bufferSize: 1 << 20);
        for (var i = 0; i < rows && writer.BaseStream.Position < maxBytes; i++)
        {
            writer.Write("{\"id\":\"item-");
            writer.Write(i.ToString("00000000", CultureInfo.InvariantCulture));
            if (withSubjects)
            {
                writer.Write("\",\"author\":\"author-");
                writer.Write(generator.NextInt32(200_000).ToString("000000", CultureInfo.InvariantCulture));
            }

            writer.Write("\",\"label\":\"");
            writer.Write((char)('x' + generator.NextInt32(3)));
            writer.Write("\",\"text\":\"");
            for (var word = 0; word < words; word++)
            {
                writer.Write(word == 0 ? string.Empty : " ");
                writer.Write(vocabulary[generator.NextInt32(vocabulary.Length)]);
            }

            writer.WriteLine("\"}");
        }

        writer.Flush();
        return writer.BaseStream.Position;
    }

    private static string[] Row(string name, long rows, long bytes, double seconds) =>
    [
        name,
        rows.ToString("N0", CultureInfo.InvariantCulture),
        (bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture) + " MB",
        seconds.ToString("0.0", CultureInfo.InvariantCulture),
        (rows / seconds).ToString("N0", CultureInfo.InvariantCulture),
    ];
}
