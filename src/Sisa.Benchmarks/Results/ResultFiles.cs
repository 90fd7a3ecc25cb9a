using System.Text;
using System.Text.Json;
using Sisa.Benchmarks.Figures;
using Sisa.Storage.Files;

namespace Sisa.Benchmarks.Results;

/// <summary>Writes a result: JSON, CSV, Markdown and figures.</summary>
public static class ResultFiles
{
    /// <summary>Writes every file; each is whole or not there.</summary>
    /// <param name="result">The result.</param>
    /// <param name="folder">Folder of the result; it exists.</param>
    /// <param name="json">How JSON is written.</param>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="StorageIoException">Writing failed.</exception>
    public static IReadOnlyList<string> Write(CostResult result, string folder, JsonSerializerOptions json)
    {
        var files = new List<string>();
        void Add(string name, byte[] content)
        {
            files.Add(Path.Combine(folder, name));
            DurableFile.Write(files[^1], content, ownerOnly: false);
        }

        Add("cost.json", [.. JsonSerializer.SerializeToUtf8Bytes(result, json), (byte)'\n']);
        Add("cost.csv", Encoding.UTF8.GetBytes(string.Concat(CostCsv.Lines(result).Select(line => line + "\n"))));
        Add("cost.md", Encoding.UTF8.GetBytes(CostPage.Of(result)));
        foreach (var figure in CostFigures.Of(result))
        {
            Add($"{figure.Name}.png", figure.Png());
            Add($"{figure.Name}.svg", figure.Svg());
        }

        return files;
    }
}
