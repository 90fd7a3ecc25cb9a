namespace Sisa.Torch.Native;

/// <summary>Which physical processor this is, as far as kernels may choose by it.</summary>
internal static class CpuModel
{
    /// <summary>Name, family, model and stepping: hypervisors shorten the name, and MKL and oneDNN go by the numbers.</summary>
    public static string Describe()
    {
        const string CpuInfo = "/proc/cpuinfo";
        if (!File.Exists(CpuInfo))
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
        }

        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(CpuInfo).TakeWhile(line => line.Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                facts[line[..colon].Trim()] = line[(colon + 1)..].Trim();
            }
        }

        var name = facts.GetValueOrDefault("model name", "unknown");
        return facts.TryGetValue("cpu family", out var family)
            ? $"{name} (family {family}, model {facts.GetValueOrDefault("model")}, stepping {facts.GetValueOrDefault("stepping")})"
            : name;
    }
}
