using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Sisa.Corpora;
using Sisa.Readers;
using Sisa.Training;

namespace Sisa.Bench.Studies;

/// <summary>A data set whose recipe is proposed, not written.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Files">The files that are inspected together.</param>
internal sealed record InspectedCorpus(string Name, IReadOnlyList<string> Files);

/// <summary>The data sets of <see cref="InspectionStudy"/>, and the parts of them that are trained on and held out.</summary>
internal static class InspectedCorpora
{
    public const int MaxRows = 10_000;
    public const int MaxTexts = 3_000;
    public const int MaxLanguageTexts = 800;
    private const int HeldOutOf = 10;

    public static IReadOnlyList<InspectedCorpus> All { get; } =
    [
        new("fashion-mnist", ["train-images-idx3-ubyte.gz"]),
        new("ag-news", ["test.csv.gz"]),
        new("clinc150", ["data_full.json.gz"]),
        new("goemotions", ["train.tsv.gz"]),
        new("adult", ["adult.data.gz"]),
        new("diabetes130", ["diabetic_data.csv.gz"]),
        new("tinyshakespeare", ["speeches.jsonl.gz"]),
        new("wikitext2-valid-test", ["valid.txt.gz"]),
        new("ud-text", ["ar.jsonl.gz", "de.jsonl.gz", "en.jsonl.gz", "es.jsonl.gz", "fi.jsonl.gz", "hi.jsonl.gz", "ja.jsonl.gz", "tr.jsonl.gz", "zh.jsonl.gz"]),
        new("udhr2", ["udhr2.jsonl.gz"]),
        new("tofu", ["full.jsonl.gz"]),
        new("tofu-multilingual", ["ar.jsonl.gz", "fr.jsonl.gz", "hi.jsonl.gz", "ja.jsonl.gz", "ko.jsonl.gz"]),
        new("nusax-sentiment", ["acehnese.jsonl.gz", "balinese.jsonl.gz", "english.jsonl.gz", "indonesian.jsonl.gz", "javanese.jsonl.gz", "sundanese.jsonl.gz"]),
        new("movielens-small", ["ratings.csv.gz"]),
        new("stackexchange-coffee", ["posts.jsonl.gz"]),
        new("omniglot-writers", ["images-28x28-idx3-ubyte.gz"]),
    ];

    /// <summary>Writes a part for training and one that is held out.</summary>
    /// <returns>Their names in the folder.</returns>
    public static (string Train, string Held) Split(IReadOnlyList<string> files, string folder, Recipe recipe)
    {
        if (recipe.Corpus.Format == CorpusFormat.Idx)
        {
            SplitImages(files[0], folder);
            return ("train-images-idx3-ubyte", "held-images-idx3-ubyte");
        }

        var limit = recipe.Task == TaskKind.LanguageModel ? MaxLanguageTexts : recipe.HasText ? MaxTexts : MaxRows;
        var bare = files[0].EndsWith(".gz", StringComparison.Ordinal) ? files[0][..^3] : files[0];
        var (train, held) = ("train" + Path.GetExtension(bare), "held" + Path.GetExtension(bare));
        var header = recipe.Corpus.Format == CorpusFormat.Csv && recipe.Corpus.Header ? files.SelectMany(Lines).Take(1).ToList() : [];
        var lines = files.Select(file => Lines(file).Skip(header.Count).Where(line => !string.IsNullOrWhiteSpace(line)).ToList()).ToList();
        var all = lines.Sum(file => file.Count);

        // Evenly from all files, from beginning to end, so that rows of the same subject stay together where they do.
        var taken = lines.SelectMany(file => file.Take((int)Math.Ceiling((double)limit * HeldOutOf / (HeldOutOf - 1) * file.Count / all))).ToList();
        File.WriteAllLines(Path.Combine(folder, train), header.Concat(taken.Where((_, i) => i % HeldOutOf != HeldOutOf - 1)));
        File.WriteAllLines(Path.Combine(folder, held), header.Concat(taken.Where((_, i) => i % HeldOutOf == HeldOutOf - 1)));
        KeepReadable(Path.Combine(folder, held), recipe);
        return (train, held);
    }

    /// <summary>Copies images beside labels that come from the column 'class' of 'meta.csv', as the data set's README describes them.</summary>
    public static string WithLabels(string images, string folder)
    {
        var copy = Path.Combine(folder, "all-images-idx3-ubyte.gz");
        File.Copy(images, copy);
        byte[] labels = [.. Lines(Path.Combine(Path.GetDirectoryName(images)!, "meta.csv.gz")).Skip(1).Select(line => byte.Parse(line[(line.LastIndexOf(',') + 1)..]))];
        WriteIdx(Path.Combine(folder, "all-labels-idx1-ubyte.gz"), [labels.Length], labels, gzip: true);
        return copy;
    }

    // Rows with a label that is not declared cannot be judged.
    private static void KeepReadable(string path, Recipe recipe)
    {
        var refused = new HashSet<long>();
        _ = CorpusReader.Read(path, recipe, new ReadOptions { OnFault = fault => refused.Add(fault.Row ?? 0) }).LongCount();
        File.WriteAllLines(path, File.ReadAllLines(path).Where((_, i) => !refused.Contains(i + 1)));
    }

    private static void SplitImages(string images, string folder)
    {
        var pixels = Bytes(images);
        var labels = Bytes(images.Replace("images-idx3", "labels-idx1", StringComparison.Ordinal))[8..];
        var shape = Enumerable.Range(1, 3).Select(i => BinaryPrimitives.ReadInt32BigEndian(pixels.AsSpan(i * 4))).ToArray();
        var size = shape[1] * shape[2];
        var taken = Enumerable.Range(0, Math.Min(shape[0], MaxTexts * HeldOutOf / (HeldOutOf - 1))).ToList();
        foreach (var (name, part) in new[] { ("train", taken.Where(i => i % HeldOutOf != HeldOutOf - 1).ToList()), ("held", taken.Where(i => i % HeldOutOf == HeldOutOf - 1).ToList()) })
        {
            WriteIdx(Path.Combine(folder, name + "-images-idx3-ubyte"), [part.Count, shape[1], shape[2]], [.. part.SelectMany(i => pixels.AsSpan(16 + (i * size), size).ToArray())], gzip: false);
            WriteIdx(Path.Combine(folder, name + "-labels-idx1-ubyte"), [part.Count], [.. part.Select(i => labels[i])], gzip: false);
        }
    }

    private static void WriteIdx(string path, int[] shape, byte[] content, bool gzip)
    {
        using Stream file = gzip ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path);
        file.Write([0, 0, 8, (byte)shape.Length]);
        Span<byte> length = stackalloc byte[4];
        foreach (var dimension in shape)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, dimension);
            file.Write(length);
        }

        file.Write(content);
    }

    private static byte[] Bytes(string path)
    {
        using var content = new MemoryStream();
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        gzip.CopyTo(content);
        return content.ToArray();
    }

    private static IEnumerable<string> Lines(string path) => path.EndsWith(".gz", StringComparison.Ordinal) ? RealCorpora.Lines(path) : File.ReadLines(path, Encoding.UTF8);
}
