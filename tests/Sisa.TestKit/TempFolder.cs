namespace Sisa.TestKit;

/// <summary>A folder of its own for one test, removed with everything in it.</summary>
/// <remarks>Lies in memory where the system offers that: these tests are about order and content, and a flush costs nothing there.</remarks>
public sealed class TempFolder : IDisposable
{
    private const string MemoryFolder = "/dev/shm";

    /// <summary>Makes the folder.</summary>
    public TempFolder()
    {
        var parent = Directory.Exists(MemoryFolder) ? MemoryFolder : System.IO.Path.GetTempPath();
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"sisa-test-{System.IO.Path.GetRandomFileName()}")).FullName;
    }

    /// <summary>Path of the folder.</summary>
    public string Path { get; }

    /// <summary>A path in the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
