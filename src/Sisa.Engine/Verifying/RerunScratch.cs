namespace Sisa.Engine.Verifying;

/// <summary>The folder of a rerun's files. It may hold copies of the corpus and of the assignment key, and is removed with everything in it.</summary>
/// <remarks>Dispose it after the trainer: workers that were interrupted write until they are gone.</remarks>
public sealed class RerunScratch : IDisposable
{
    private readonly Action<string> _notify;

    private RerunScratch(string path, Action<string> notify) => (Path, _notify) = (path, notify);

    /// <summary>Path of the folder. The first writer creates it.</summary>
    public string Path { get; }

    /// <summary>Creates a folder below a given one, for this process only.</summary>
    /// <param name="folder">The folder that is named.</param>
    /// <param name="notify">Told, in a sentence, that the folder could not be removed.</param>
    public static RerunScratch Below(string folder, Action<string> notify) => new(System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), $"sisa-rerun-{Environment.ProcessId}"), notify);

    /// <summary>Creates a folder in the system's temporary folder, with a random name and closed to other users.</summary>
    /// <param name="notify">Told, in a sentence, that the folder could not be removed.</param>
    public static RerunScratch Temporary(Action<string> notify) => new(Directory.CreateTempSubdirectory("sisa-rerun-").FullName, notify);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Rerun.RemoveScratch(Path))
        {
            _notify($"{Path} could not be removed. Remove it: it may hold a copy of the corpus and of the assignment key.");
        }
    }
}
