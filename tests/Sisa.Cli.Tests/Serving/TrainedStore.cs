namespace Sisa.Cli.Tests.Serving;

/// <summary>A trained store and an export of it, for tests that change neither.</summary>
public sealed class TrainedStore : IDisposable
{
    public TrainedStore()
    {
        Sisa.WriteCorpus();
        Sisa.Train();
        Sisa.Run("export", "out/").Expect(ExitCode.Done);
    }

    internal SisaCommand Sisa { get; } = new();

    /// <summary>Copies the constituents of the export into another folder.</summary>
    internal void CopyConstituents(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Sisa["out"], "*", SearchOption.AllDirectories).Where(path => Path.GetDirectoryName(path) != Sisa["out"]))
        {
            var copy = Path.Combine(Sisa[folder], Path.GetRelativePath(Sisa["out"], file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public void Dispose() => Sisa.Dispose();
}
