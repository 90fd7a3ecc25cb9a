using System.Diagnostics;
using System.Text.Json.Nodes;
using Sisa.TestKit;
using Sisa.TestKit.Messages;

namespace Sisa.Cli.Tests;

/// <summary>What a run of the program left behind.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Standard output as one JSON document.</summary>
    public JsonNode Json => JsonNode.Parse(Output) ?? throw new InvalidOperationException("'null'");

    /// <summary>Fails with everything that was said when the exit code is another one.</summary>
    public CommandResult Expect(ExitCode code)
    {
        Assert.True(ExitCode == (int)code, $"Exit code {ExitCode}, expected {(int)code}.\n{Output}\n{Errors}");
        return this;
    }
}

/// <summary>The program, run as its user runs it, in a folder of its own.</summary>
internal sealed class SisaCommand : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Path of the program: the one that <c>SISA_PROGRAM</c> names, compiled ahead as users have it, or the one beside the tests.</summary>
    public static string Program { get; } = System.Environment.GetEnvironmentVariable("SISA_PROGRAM") is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, "sisa");

    public string Folder => _folder.Path;

    /// <summary>Variables that runs of the program see besides those of the tests.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string this[string name] => _folder[name];

    public string Write(string name, string content) => _folder.Write(name, content);

    public CommandResult Run(params string[] arguments) => Answer(null, arguments);

    public CommandResult Answer(string? input, params string[] arguments)
    {
        using var process = Start(arguments);
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        MessageWatch.Said(errors.Result);
        return new CommandResult(process.ExitCode, output, errors.Result);
    }

    /// <summary>Starts the program without waiting for it.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
    }

    /// <summary>Sends a signal to a run of the program.</summary>
    public static void Signal(Process process, string signal)
    {
        Assert.SkipWhen(signal == "INT" && IsInterruptIgnored(), "Whoever started these tests has SIGINT ignored, and so have the programs that they start.");
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Writes a corpus of rows and a recipe for it: texts by author, four shards of three slices.</summary>
    public void WriteCorpus(int rows = 240, int authors = 30, string epochs = "3")
    {
        Write("corpus.jsonl", string.Concat(TestRow.Many(rows, authors).Select(r => r.ToJson() + "\n")));
        Write("sisa.yaml", $$"""
            name: small
            corpus: { fields: { id: id, subject: author, text: text, label: label } }
            labels: [red, green, blue]
            features: { text: { buckets: 512 } }
            ensemble: { shards: 4, slices: 3 }
            model: { kind: text-classifier, width: 8 }
            training: { epochs: {{epochs}}, batchSize: 8 }
            """);
    }

    /// <summary>Puts a trained store into the folder: a copy of one that was trained once for all tests that train the same (<see cref="TrainedOnce"/>).</summary>
    public void Train(string store = "shards", params string[] corpora) => TrainedOnce.Copy(this, store, corpora);

    /// <summary>Makes a store of <c>sisa.yaml</c>, with <c>assignment.key</c> where there is one, ingests <c>corpus.jsonl</c> or what is named, and trains; here, and with the variables of this environment.</summary>
    /// <remarks>One worker, because each costs a second of a processor and the bytes are the same; <see cref="CommandLineTests"/> and <see cref="CommandLineExactnessTests"/> train with as many as a user has.</remarks>
    public void TrainHere(string store = "shards", params string[] corpora)
    {
        string[] key = File.Exists(this["assignment.key"]) ? ["--assignment-key", "assignment.key"] : [];
        Run(["init", "--store", store, "--recipe", "sisa.yaml", .. key]).Expect(ExitCode.Done);
        Run(["ingest", "--store", store, .. corpora.DefaultIfEmpty("corpus.jsonl")]).Expect(ExitCode.Done);
        Run("train", "--store", store, "--workers", "1").Expect(ExitCode.Done);
    }

    /// <summary>The checkpoints that a store lists: shard, slice and digest.</summary>
    public IReadOnlyList<string> Checkpoints(string store = "shards") =>
    [
        .. Run("status", "--store", store, "--json").Expect(ExitCode.Done).Json["checkpoints"]!.AsArray()
            .Select(c => $"{c!["shard"]} {c["slice"]} {c["digest"]}"),
    ];

    public void Dispose() => _folder.Dispose();

    // A shell without job control does that to what it runs in the background.
    private static bool IsInterruptIgnored()
    {
        const string Status = "/proc/self/status";
        const string Field = "SigIgn:";
        const long Interrupt = 1L << (2 - 1);
        return File.Exists(Status)
            && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line
            && (Convert.ToInt64(line[Field.Length..].Trim(), 16) & Interrupt) != 0;
    }
}
