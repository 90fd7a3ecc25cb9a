using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sisa.Bench.Studies;

/// <summary>The published command line, run as its user runs it.</summary>
/// <remarks>Studies measure whole processes: start, planning, training and publication together.</remarks>
internal sealed class SisaProgram(string workingFolder)
{
    /// <summary>Set to pin the program to one core, as <c>taskset -c 0</c>.</summary>
    public bool OneCore { get; init; }

    /// <summary>Limit of the managed heap in bytes, or 0 for none.</summary>
    public long HeapLimitBytes { get; init; }

    /// <summary>Set to ask for no JSON, as a person does.</summary>
    public bool ForPeople { get; init; }

    /// <summary>Whether to watch the memory of the process, which takes some of the time that is measured.</summary>
    public bool WatchesMemory { get; init; }

    /// <summary>Most memory that the process of the last run held at once, in bytes, resident. Asked every few milliseconds: what it took in its last ones may be missing.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>The same without mapped files, which the system may take back.</summary>
    public long OwnPeakBytes { get; private set; }

    /// <summary>Runs a command with <c>--json</c> and reads its document.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not 0.</exception>
    public (JsonNode? Json, double Seconds, double? PublishedAfter) Run(params string[] arguments)
    {
        var (output, seconds, published) = Execute(ForPeople ? arguments : [.. arguments, "--json"]);
        return (output.Length == 0 ? null : JsonNode.Parse(output, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }), seconds, published);
    }

    /// <summary>Runs a command whose data are no JSON.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not 0; the message holds what was said.</exception>
    public string Read(params string[] arguments) => Execute(arguments).Output;

    private (string Output, double Seconds, double? PublishedAfter) Execute(string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        double? published = null;
        var complaints = new List<string>();
        using var process = new Process { StartInfo = Start(arguments) };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("{\"event\":\"published\"", StringComparison.Ordinal) == true)
            {
                published ??= clock.Elapsed.TotalSeconds;
            }
            else if (line.Data is { Length: > 0 } text && !text.StartsWith('{'))
            {
                complaints.Add(text);
            }
        };
        process.Start();
        process.BeginErrorReadLine();
        var peak = WatchesMemory ? ResidentMemory.Watch(process.Id) : Task.FromResult((0L, 0L));
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var seconds = clock.Elapsed.TotalSeconds;
        (PeakBytes, OwnPeakBytes) = peak.GetAwaiter().GetResult();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'sisa {string.Join(' ', arguments)}' ended with {process.ExitCode}:\n{string.Join('\n', complaints)}");
        }

        return (output, seconds, published);
    }

    private ProcessStartInfo Start(IReadOnlyList<string> arguments)
    {
        var program = Path.Combine(Machine.Root, "artifacts", "publish", "Sisa.Cli", "release_linux-x64", "sisa");
        var start = new ProcessStartInfo(OneCore ? "taskset" : program)
        {
            WorkingDirectory = workingFolder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in OneCore ? ["-c", "0", program, .. arguments] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (HeapLimitBytes > 0)
        {
            start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimitBytes.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        }

        return start;
    }
}
