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

    public void Dispose() => Sisa.Dispose();
}
