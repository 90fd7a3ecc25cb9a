using System.Security.Cryptography;

namespace Sisa.Fuzzing.Engine;

/// <summary>Inputs that made a target fail: for each place that throws, the smallest one, with what it threw.</summary>
/// <param name="folder">The folder; made when it is needed.</param>
internal sealed class FaultFolder(string folder)
{
    /// <summary>Names of the faults.</summary>
    public IReadOnlyList<string> Names => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Tries every input again, and removes those that do not fail any more.</summary>
    /// <param name="fails">Whether an input fails.</param>
    public void Recheck(Func<byte[], bool> fails)
    {
        foreach (var path in Names.Select(name => Path.Combine(folder, name)))
        {
            if (!fails(File.ReadAllBytes(path)))
            {
                File.Delete(path);
                File.Delete(path + ".txt");
            }
        }
    }

    /// <summary>Keeps an input that threw, unless a smaller one threw the same at the same place.</summary>
    public void Add(byte[] input, Exception e) => Add(NameOf(e), input, e.ToString());

    /// <summary>Keeps an input that ended or stopped the worker.</summary>
    public void AddEnd(string how, byte[] input, string description) => Add($"{how}-{Convert.ToHexStringLower(SHA256.HashData(input))[..8]}", input, description);

    private void Add(string name, byte[] input, string description)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        if (!File.Exists(path) || new FileInfo(path).Length > input.Length)
        {
            File.WriteAllBytes(path, input);
            File.WriteAllText(path + ".txt", description + "\n");
        }
    }

    // The exception and the place that threw it: one fault has thousands of inputs.
    private static string NameOf(Exception e)
    {
        var frames = (e.StackTrace ?? string.Empty).Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("at ", StringComparison.Ordinal)).ToArray();
        var own = frames.FirstOrDefault(line => line.StartsWith("at Sisa.", StringComparison.Ordinal) && !line.StartsWith("at Sisa.Fuzzing.", StringComparison.Ordinal));
        var place = $"{frames.FirstOrDefault()}{own}{(e is BrokenPropertyException ? e.Message : string.Empty)}";
        return $"{e.GetType().Name}-{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(place)))[..8]}";
    }
}
