using Parquet;
using Parquet.Schema;

namespace Sisa.Fuzzing.Targets;

/// <summary>Parquet, through the checks of the project's own and the library behind them.</summary>
internal sealed class ParquetTarget() : CorpusTarget("parquet", "a.parquet", CorpusRecipes.Table, CorpusRecipes.FlatTable, CorpusRecipes.PlainText)
{
    public override int MaxBytes => 8 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = [.. Words("PAR1", "id", "age", "weight", "city", "sick", "schema"), [0x15, 0], [0x15, 2], [0x15, 4], [0x19, 0x2C], [0x4C, 0x15], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]];

    public override IEnumerable<byte[]> Seeds()
    {
        yield return Table(CompressionMethod.None);
        yield return Table(CompressionMethod.Snappy);
        yield return Vectors();
        yield return Texts();
    }

    private static byte[] Table(CompressionMethod compression)
    {
        var (id, age, weight, city, sick) = (new DataField<long>("id"), new DataField<double>("age"), new DataField<float?>("weight"), new DataField<string>("city"), new DataField<string>("sick"));
        return File(new ParquetSchema(id, age, weight, city, sick), compression, async writer =>
        {
            for (var row = 0; row < 2; row++)
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync<long>(id, new long[] { 17 + row });
                await group.WriteAsync<double>(age, new[] { row == 0 ? 30 : 40.5 });
                await group.WriteAsync<float>(weight, new float?[] { row == 0 ? null : 75 });
                await group.WriteAsync(city, [row == 0 ? "Rome, Italy" : string.Empty]);
                await group.WriteAsync(sick, [row == 0 ? "yes" : "no"]);
            }
        });
    }

    private static byte[] Vectors()
    {
        var (id, sick, age, weight, city, v) = (new DataField<int>("id"), new DataField<string>("sick"), new DataField<int>("age"), new DataField<int>("weight"), new DataField<string>("city"), new DataField("v", typeof(float), isArray: true));
        return File(new ParquetSchema(id, sick, age, weight, city, v), CompressionMethod.None, async writer =>
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<int>(id, new[] { 1, 2 });
            await group.WriteAsync(sick, ["no", "no"]);
            await group.WriteAsync<int>(age, new[] { 1, 2 });
            await group.WriteAsync<int>(weight, new[] { 60, 70 });
            await group.WriteAsync(city, ["a", "b"]);
            await group.WriteAsync<float>(v, new[] { -1, 0, 1, 1, 0.5f, -1 }, new[] { 0, 1, 1, 0, 1, 1 });
        });
    }

    private static byte[] Texts()
    {
        var (id, author, text, topic) = (new DataField<string>("id"), new DataField<string>("author"), new DataField<string>("text"), new DataField<string>("topic"));
        return File(new ParquetSchema(id, author, text, topic), CompressionMethod.Gzip, async writer =>
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(id, ["1", "2", "3"]);
            await group.WriteAsync(author, ["a", "a", "a"]);
            await group.WriteAsync(text, ["one two", "three", "one two"]);
            await group.WriteAsync(topic, ["world", "world", "sports"]);
        });
    }

    private static byte[] File(ParquetSchema schema, CompressionMethod compression, Func<ParquetWriter, Task> write)
    {
        using var file = new MemoryStream();
        Task.Run(async () =>
        {
            await using var writer = await ParquetWriter.CreateAsync(schema, file, new ParquetOptions { CompressionMethod = compression });
            await write(writer);
        }).GetAwaiter().GetResult();
        return file.ToArray();
    }
}
