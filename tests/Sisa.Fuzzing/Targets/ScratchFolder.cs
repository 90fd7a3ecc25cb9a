namespace Sisa.Fuzzing.Targets;

/// <summary>A folder in memory, where the system offers that, for inputs that a parser reads from files.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string MemoryFolder = "/dev/shm";

    public ScratchFolder()
    {
        var parent = Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath();
        Root = Directory.CreateDirectory(Path.Combine(parent, $"sisa-fuzz-{Environment.ProcessId}-{Path.GetRandomFileName()}")).FullName;
    }

    public string Root { get; }

    /// <summary>Writes a file and names it.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Root, name);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(content);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
