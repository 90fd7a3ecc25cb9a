using System.Runtime.InteropServices;
using Sisa.Torch.Native;
using Sisa.Training;

namespace Sisa.Bench.Studies;

/// <summary>The machine that results come from, and their folder. Campaigns and fuzzing use it too.</summary>
internal static class Machine
{
    private static readonly Lazy<Checkpoints.EnvironmentFingerprint> Fingerprint = new(() => NativeRuntime.Start(new Recipe()).Fingerprint(new Recipe()));

    /// <summary>Processor, cores, vector instructions.</summary>
    public static string Name => $"{Fingerprint.Value.Cpu ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores, {Fingerprint.Value.CpuCapability}";

    /// <summary>Versions that a result depends on.</summary>
    public static string Versions => $"{RuntimeInformation.OSDescription}; .NET {Environment.Version}, libtorch {Fingerprint.Value.Libtorch}, TorchSharp {Fingerprint.Value.TorchSharp}";

    /// <summary>Root of the repository that the program was built in.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Folder of this machine's results.</summary>
    public static string Results => Path.Combine(Root, "bench", "results", Slug(Name));

    private static string Slug(string machine) =>
        string.Join('-', new string([.. machine.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sisa.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Sisa.sln.");
        }

        return folder;
    }
}
