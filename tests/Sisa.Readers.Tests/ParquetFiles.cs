using Parquet;
using Parquet.Schema;

namespace Sisa.Readers.Tests;

/// <summary>Parquet files for <see cref="Samples.Table"/>.</summary>
internal static class ParquetFiles
{
    /// <summary>Two rows in a row group each: the people of the other formats' tests.</summary>
    public static async Task WriteAsync(string path)
    {
        var (id, age, weight, city, sick) = (new DataField<long>("id"), new DataField<double>("age"), new DataField<float?>("weight"), new DataField<string>("city"), new DataField<string>("sick"));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id, age, weight, city, sick), file);
        for (var row = 0; row < 2; row++)
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<long>(id, new long[] { 17 + row });
            await group.WriteAsync<double>(age, new[] { row == 0 ? 30 : 40.5 });
            await group.WriteAsync<float>(weight, new float?[] { row == 0 ? null : 75 });
            await group.WriteAsync(city, [row == 0 ? "Rome, Italy" : ""]);
            await group.WriteAsync(sick, [row == 0 ? "yes" : "no"]);
        }
    }

    /// <summary>Two rows with a list of three numbers each.</summary>
    public static async Task WriteVectorsAsync(string path)
    {
        var (id, sick, v) = (new DataField<int>("id"), new DataField<string>("sick"), new DataField("v", typeof(float), isArray: true));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id, sick, v), file);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync<int>(id, new[] { 1, 2 });
        await group.WriteAsync(sick, ["no", "no"]);
        await group.WriteAsync<float>(v, new[] { -1, 0, 1, 1, 0.5f, -1 }, new[] { 0, 1, 1, 0, 1, 1 });
    }
}
