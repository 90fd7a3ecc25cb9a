using System.Text.Json;

namespace Sisa.Fuzzing.Engine;

/// <summary>What all runs of a target have counted.</summary>
internal sealed record TargetState
{
    public long Executions { get; init; }

    public double Seconds { get; init; }

    public int Edges { get; init; }

    public int Inputs { get; init; }

    public double SlowestMs { get; init; }

    /// <summary>Input and rise of resident memory of the execution nearest to its bound, in bytes.</summary>
    public long PeakInputBytes { get; init; }

    public long PeakBytes { get; init; }

    /// <summary>Faults that have no remedy yet.</summary>
    public IReadOnlyList<string> OpenFaults { get; init; } = [];

    /// <summary>Committed inputs that once made the target fail.</summary>
    public int MendedFaults { get; init; }

    /// <summary>Adds what a worker did.</summary>
    public TargetState Add(LoopResult result) => this with
    {
        Executions = Executions + result.Executions,
        Seconds = Seconds + result.Seconds,
        Edges = Math.Max(Edges, result.Edges),
        Inputs = Math.Max(Inputs, result.Inputs),
        SlowestMs = Math.Max(SlowestMs, result.SlowestMs),
    };
}

/// <summary>What all runs on this machine have counted, by target; kept in a file, so that a campaign may be stopped and go on.</summary>
internal sealed class CampaignState
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    public Dictionary<string, TargetState> Targets { get; init; } = [];

    /// <summary>Executions of all targets.</summary>
    public long Executions => Targets.Values.Sum(t => t.Executions);

    /// <summary>Reads the file; nothing counted where there is none.</summary>
    public static CampaignState Read() => File.Exists(FuzzFolders.StateFile)
        ? new CampaignState { Targets = JsonSerializer.Deserialize<Dictionary<string, TargetState>>(File.ReadAllText(FuzzFolders.StateFile))! }
        : new CampaignState();

    /// <summary>Adds a run of a target, and writes the file.</summary>
    public void Add(string target, TargetState run)
    {
        var before = Targets.GetValueOrDefault(target) ?? new TargetState();
        Targets[target] = run with
        {
            Executions = before.Executions + run.Executions,
            Seconds = before.Seconds + run.Seconds,
            SlowestMs = Math.Max(before.SlowestMs, run.SlowestMs),
        };
        Directory.CreateDirectory(FuzzFolders.Work);
        File.WriteAllText(FuzzFolders.StateFile + ".new", JsonSerializer.Serialize(Targets, Options));
        File.Move(FuzzFolders.StateFile + ".new", FuzzFolders.StateFile, overwrite: true);
    }
}
