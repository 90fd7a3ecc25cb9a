using System.IO.Compression;
using System.Text;

namespace Sisa.Fuzzing.Targets;

/// <summary>JSON lines in gzip: members, headers with every optional part, trailers, what follows them.</summary>
internal sealed class GzipTarget() : CorpusTarget("gzip", "a.jsonl.gz", CorpusRecipes.PlainText)
{
    public override IReadOnlyList<byte[]> Tokens { get; } = [[0x1F, 0x8B, 8], [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2], [0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3, 0x61, 0], [0, 0, 0, 0], [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]];

    public override IEnumerable<byte[]> Seeds()
    {
        var line = Encoding.UTF8.GetBytes("{\"id\":\"a\",\"author\":\"x\",\"text\":\"one two\",\"topic\":\"world\"}\n");
        yield return Compress(line, CompressionLevel.Optimal);
        yield return Compress(line, CompressionLevel.NoCompression);
        yield return [.. Compress(line, CompressionLevel.Fastest), .. Compress(Encoding.UTF8.GetBytes("{\"id\":\"b\",\"author\":\"x\",\"text\":\"" + new string('t', 3000) + "\",\"topic\":\"sports\"}"), CompressionLevel.Optimal), 0, 0, 0];
    }

    private static byte[] Compress(byte[] content, CompressionLevel level)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, level, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }
}
