using System.Diagnostics;

namespace Sisa.Bench.Studies;

/// <summary>This program on the libraries as they are published: compiled ahead. Its own build has them as they are compiled while it runs, which takes longer the first time.</summary>
/// <remarks>A folder of links, removed with <see cref="Dispose"/>.</remarks>
internal sealed class PublishedProgram : IDisposable
{
    private const string Name = "Sisa.Bench";

    private readonly string _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;

    /// <summary>Puts the folder together.</summary>
    public PublishedProgram()
    {
        var published = Path.Combine(Machine.Root, "artifacts", "publish", "Sisa.Cli", "release_linux-x64");
        var own = AppContext.BaseDirectory;
        foreach (var file in Directory.EnumerateFiles(published).Concat(Directory.EnumerateFiles(own, "*.dll")))
        {
            var (name, link) = (Path.GetFileNameWithoutExtension(file), Path.Combine(_folder, Path.GetFileName(file)));
            if (name is not ("sisa" or Name or "sisa.deps" or "sisa.runtimeconfig") && !File.Exists(link))
            {
                File.CreateSymbolicLink(link, file);
            }
        }

        // The host follows links to where a program lies, and looks for libraries there.
        File.Copy(Path.Combine(own, Name), Path.Combine(_folder, Name));
        File.Copy(Path.Combine(own, Name + ".dll"), Path.Combine(_folder, Name + ".dll"));
        File.Copy(Path.Combine(published, "sisa.runtimeconfig.json"), Path.Combine(_folder, Name + ".runtimeconfig.json"));
    }

    /// <summary>Runs a study's part in a process of its own.</summary>
    /// <param name="arguments">As on the command line.</param>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public string Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(_folder, Name), arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"'{Name} {string.Join(' ', arguments)}' ended with {process.ExitCode}.");
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
