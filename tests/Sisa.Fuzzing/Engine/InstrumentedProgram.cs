using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SharpFuzz;

namespace Sisa.Fuzzing.Engine;

/// <summary>A copy of this program whose product assemblies, and the libraries that parse for them, report which edges they take.</summary>
internal static class InstrumentedProgram
{
    /// <summary>Variable that the copy is started with.</summary>
    private const string Stamp = "instrumented.stamp";

    private static readonly string[] Instrumented = ["Sisa.Core.dll", "Sisa.Readers.dll", "Sisa.Storage.dll", "Sisa.Engine.dll", "YamlDotNet.dll", "CsvHelper.dll"];

    /// <summary>Starts the copy, which is made when this program is newer.</summary>
    /// <param name="heapLimitBytes">Most that its managed heap may take, or nothing.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Process Start(long? heapLimitBytes, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(RuntimeFolder, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(Prepare(), "Sisa.Fuzzing.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_GCgen0size"] = "0x400000";
        if (heapLimitBytes is { } bytes)
        {
            start.Environment["DOTNET_GCHeapHardLimit"] = string.Create(CultureInfo.InvariantCulture, $"0x{bytes:x}");
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The instrumented program did not start.");
    }

    private static string RuntimeFolder => RuntimeEnvironment.GetRuntimeDirectory();

    private static string Prepare()
    {
        var source = Path.GetDirectoryName(typeof(InstrumentedProgram).Assembly.Location)!;
        var files = Directory.EnumerateFiles(source).Where(path => Path.GetExtension(path) is ".dll" or ".json").Order(StringComparer.Ordinal).ToArray();
        var stamp = string.Join('\n', files.Select(path => string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)} {File.GetLastWriteTimeUtc(path).Ticks}")));

        // One copy per process that makes one: two test runs at once must not write into each other's.
        var target = Path.Combine(FuzzFolders.Work, "program");
        var stampFile = Path.Combine(target, Stamp);
        if (File.Exists(stampFile) && File.ReadAllText(stampFile) == stamp)
        {
            return target;
        }

        var fresh = $"{target}.{Environment.ProcessId}";
        Copy(source, fresh, files);
        File.WriteAllText(Path.Combine(fresh, Stamp), stamp);
        if (Directory.Exists(target))
        {
            Directory.Move(target, $"{fresh}.old");
            Directory.Delete($"{fresh}.old", recursive: true);
        }

        Directory.Move(fresh, target);
        return target;
    }

    private static void Copy(string source, string target, IEnumerable<string> files)
    {
        Directory.CreateDirectory(target);
        foreach (var path in files)
        {
            File.Copy(path, Path.Combine(target, Path.GetFileName(path)), overwrite: true);
        }

        var natives = Path.Combine(source, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        foreach (var path in Directory.Exists(natives) ? Directory.EnumerateFiles(natives) : [])
        {
            File.Copy(path, Path.Combine(target, Path.GetFileName(path)), overwrite: true);
        }

        foreach (var name in Instrumented)
        {
            foreach (var _ in Fuzzer.Instrument(Path.Combine(target, name), _ => true, Options.Value))
            {
                // Names of the instrumented types; the work is done while they are listed.
            }
        }
    }
}
