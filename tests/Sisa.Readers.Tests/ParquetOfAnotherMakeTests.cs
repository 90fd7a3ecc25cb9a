using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ParquetSharp;

namespace Sisa.Readers.Tests;

/// <summary>What this program reads, hyparquet reads too: an implementation of another make, in JavaScript.</summary>
/// <remarks><c>./build.sh test</c> installs it under <c>artifacts/npm</c> where npm and a registry are there.</remarks>
public sealed class ParquetOfAnotherMakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Hyparquet_finds_the_same_values_in_every_manner()
    {
        var modules = Modules();
        var samples = ParquetSample.All(4);
        List<(string Path, ParquetManner Manner, List<ParquetSample> Columns)> files = [];
        foreach (var (index, manner) in Manners().Index())
        {
            // Lists are read one at a time, and what a codec does has nothing to do with them.
            var hasLists = manner.Codec == Compression.Snappy;
            List<ParquetSample> columns = [.. samples.Where(sample => manner.Takes(sample.Physical) && (sample.Shape != ParquetSample.Form.List || (hasLists && ParquetReading.IsNumber(sample))))];
            files.Add((_folder.Write($"{index}.parquet", manner.Write(columns)), manner, columns));
        }

        var theirs = Read(modules, files.Select(file => file.Path));
        Assert.Equal(files.Count, theirs.Count);
        var compared = 0;
        foreach (var ((path, manner, columns), their) in files.Zip(theirs))
        {
            Assert.False(their.TryGetProperty("error", out var error), $"{manner}: {error}");
            var ours = ParquetReading.Read(path, columns.Where(column => column.Shape != ParquetSample.Form.List).Select(column => column.Name));
            foreach (var column in columns)
            {
                var our = column.Shape == ParquetSample.Form.List ? ParquetReading.Read(path, [column.Name], column.Name)[column.Name] : ours[column.Name];
                var values = their.GetProperty("columns").GetProperty(column.Name).EnumerateArray().ToList();
                Assert.Equal(our.Count, values.Count);
                var different = our.Zip(values).Where(pair => !IsSame(column, pair.First, pair.Second)).Select(pair => $"{manner}, {column.Name}: {pair.First ?? "nothing"}, {pair.Second}").FirstOrDefault();
                Assert.Null(different);
                compared += our.Count;
            }
        }

        Assert.InRange(compared, 150_000, int.MaxValue);
    }

    public void Dispose() => _folder.Dispose();

    // Every encoding with every codec, and versions of pages in turn.
    private static IEnumerable<ParquetManner> Manners() =>
        ParquetManner.All().Where(manner => !manner.HasChecksums).Chunk(2).Select((versions, i) => versions[i % versions.Length]);

    private static bool IsSame(ParquetSample column, string? our, JsonElement their)
    {
        if (column.Shape == ParquetSample.Form.List)
        {
            var elements = their.ValueKind == JsonValueKind.Array ? their.EnumerateArray().Select(element => element.GetString()).ToList() : [];
            return elements.TrueForAll(element => element is null) ? our is null
                : elements.Contains(null) ? our == "nested"
                : our is not null && our.Split(' ').Zip(elements).All(pair => IsSame(column, pair.First, pair.Second!, isDouble: true)) && our.Split(' ').Length == elements.Count;
        }

        return our is null || their.ValueKind == JsonValueKind.Null ? our is null && their.ValueKind == JsonValueKind.Null : IsSame(column, our, their.GetString()!, isDouble: false);
    }

    // Numbers as doubles, which JavaScript has alone; integers by their digits; moments without what they say of the time zone.
    private static bool IsSame(ParquetSample column, string our, string their, bool isDouble)
    {
        if (column.Logical is TimestampLogicalType or DateLogicalType)
        {
            return (our.EndsWith("+00:00", StringComparison.Ordinal) ? our[..^6] : our.TrimEnd('Z')) == their;
        }

        if (our == their || !ParquetReading.IsNumber(column))
        {
            return our == their;
        }

        var (one, other) = (isDouble ? double.Parse(our, CultureInfo.InvariantCulture) : ParquetReading.Number(column, our), double.Parse(their, CultureInfo.InvariantCulture));

        // It divides a decimal number in doubles, which rounds twice where the digits are more than a double has.
        return one.Equals(other) || (column.Logical is DecimalLogicalType && Math.Abs(one - other) <= Math.Abs(one) * 4e-16);
    }

    private static List<JsonElement> Read(string modules, IEnumerable<string> paths)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])[Path.Combine(Root(), "tests", "Sisa.Readers.Tests", "hyparquet", "read.mjs"), modules, .. paths])
        {
            start.ArgumentList.Add(argument);
        }

        using var node = Process.Start(start)!;
        List<JsonElement> read = [];
        while (node.StandardOutput.ReadLine() is { } line)
        {
            read.Add(JsonDocument.Parse(line).RootElement.Clone());
        }

        node.WaitForExit();
        return read;
    }

    private static string Modules()
    {
        var modules = Path.Combine(Root(), "artifacts", "npm", "node_modules");
        Assert.SkipUnless(File.Exists(Path.Combine(modules, "hyparquet", "package.json")), "hyparquet is not installed; './build.sh test' installs it where npm and its registry can be reached.");
        var isThere = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node")));
        Assert.SkipUnless(isThere == true, "There is no 'node' on the PATH to run hyparquet with.");
        return modules;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sisa.sln")))
        {
            folder = folder.Parent;
        }

        Assert.SkipWhen(folder is null, "The tests do not run within the repository.");
        return folder!.FullName;
    }
}
