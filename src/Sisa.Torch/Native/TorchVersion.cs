using System.Reflection;
using TorchSharp;

namespace Sisa.Torch.Native;

/// <summary>Versions, found without loading libtorch.</summary>
public static class TorchVersion
{
    /// <summary>The environment variable that names the <c>lib</c> folder of an installed PyTorch.</summary>
    public const string FolderVariable = "SISA_LIBTORCH";

    /// <summary>The version of libtorch that TorchSharp was built for, major and minor.</summary>
    public const string Wanted = "2.10";

    /// <summary>Version of TorchSharp.</summary>
    public static string TorchSharp { get; } = FindTorchSharp();

    /// <summary>The folder that <see cref="FolderVariable"/> names, or <see langword="null"/> if libtorch comes with the program.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>The version that an installed PyTorch states in <c>version.py</c>, such as <c>2.10.0+cu128</c>.</summary>
    /// <param name="libFolder">Its <c>lib</c> folder.</param>
    /// <returns>The version, or <see langword="null"/> if the file is missing.</returns>
    public static string? Stated(string libFolder)
    {
        var file = Path.Combine(libFolder, "..", "version.py");
        if (!File.Exists(file))
        {
            return null;
        }

        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("__version__", StringComparison.Ordinal));
        return line?.Split('\'', '"') is [_, var version, ..] ? version : null;
    }

    /// <summary>The version of an installed PyTorch, told apart from the libtorch that comes with the program: that one is another build
    /// of the same number, and another build may give other bits.</summary>
    /// <param name="version">Such as <c>2.10.0+cu128</c>, which is left as it is, or <c>2.10.0</c>, which becomes <c>2.10.0+installed</c>.</param>
    public static string Labelled(string version) => version.Contains('+', StringComparison.Ordinal) ? version : version + "+installed";

    /// <summary>Whether a version of libtorch fits the native part of TorchSharp, whose C++ interface is bound to one minor version.</summary>
    /// <param name="version">Such as <c>2.10.0+cu128</c>.</param>
    public static bool Fits(string version) => version == Wanted || version.StartsWith(Wanted + ".", StringComparison.Ordinal);

    private static string FindTorchSharp()
    {
        var assembly = typeof(torch).Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString()
            ?? "unknown";
        return version.Split('+')[0];
    }
}
