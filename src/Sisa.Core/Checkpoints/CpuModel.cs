namespace Sisa.Checkpoints;

/// <summary>Which physical processor this is, as far as kernels may choose by it.</summary>
public static class CpuModel
{
    /// <summary>Name, family, model and stepping: hypervisors shorten the name, and MKL and oneDNN go by the numbers.</summary>
    public static string Describe()
    {
        var facts = Facts();
        if (facts.Count == 0)
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
        }

        var name = facts.GetValueOrDefault("model name", "unknown");
        return facts.TryGetValue("cpu family", out var family)
            ? $"{name} (family {family}, model {facts.GetValueOrDefault("model")}, stepping {facts.GetValueOrDefault("stepping")})"
            : name;
    }

    /// <summary>Whether the processor computes with bfloat16 itself, instead of converting to and fro.</summary>
    public static bool HasBFloat16() => Facts().GetValueOrDefault("flags", string.Empty).Split(' ').Any(flag => flag is "avx512_bf16" or "amx_bf16");

    private static Dictionary<string, string> Facts()
    {
        const string CpuInfo = "/proc/cpuinfo";
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).TakeWhile(line => line.Length > 0) : [])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                facts[line[..colon].Trim()] = line[(colon + 1)..].Trim();
            }
        }

        return facts;
    }
}
