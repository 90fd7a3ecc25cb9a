using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Sisa.Checkpoints;

/// <summary>The features of an x64 processor by which MKL, oneDNN and libtorch choose kernels.</summary>
/// <remarks>
/// Libraries ask the processor (the instruction cpuid), not the operating system, and a hypervisor may answer for it: two virtual machines on one kind of processor can differ
/// in instructions and in the sizes of caches. Where a hypervisor leaves out the sizes of caches, oneDNN 3.7 has computed convolutions wrongly (docs/LOG.md, 2026-11-30). Leaves: Intel 64
/// Software Developer's Manual, volume 2A, CPUID; AMD64 Architecture Programmer's Manual, volume 3, appendix E. Immutable.
/// </remarks>
public sealed class CpuIdentity
{
    /// <summary>Value of <see cref="Caches"/> if the processor reports no caches.</summary>
    public const string NoCaches = "none reported";

    private const uint Extended = 0x8000_0000;
    private const uint IntelCaches = 4;
    private const uint AmdCaches = 0x8000_001D;

    // Registers that say what the processor can do. What numbers cores or differs from core to core is masked out.
    private static readonly (uint Leaf, uint Subleaf, uint Eax, uint Ebx, uint Ecx, uint Edx)[] FeatureLeaves =
    [
        (0, 0, 0, ~0u, ~0u, ~0u), // vendor
        (1, 0, ~0u, 0x0000_FF00, ~0u, ~0u), // family, model, stepping; size of a flushed line; features
        (7, 0, ~0u, ~0u, ~0u, ~0u), // features
        (7, 1, ~0u, ~0u, ~0u, ~0u), // features: VNNI, AVX-IFMA, AMX-FP16
        (0xD, 0, ~0u, ~0u, 0, 0), // register state that the operating system saves, without which instructions are not used
        (0x1D, 1, ~0u, ~0u, ~0u, ~0u), // tiles of AMX
        (0x24, 0, ~0u, ~0u, ~0u, ~0u), // AVX10
        (0x8000_0001, 0, ~0u, 0, ~0u, ~0u), // features
        (0x8000_0005, 0, 0, 0, ~0u, ~0u), // AMD: sizes of first-level caches, older form
        (0x8000_0006, 0, 0, 0, ~0u, ~0u), // AMD: sizes of second- and third-level caches, older form
        (0x8000_0008, 0, 0, ~0u, 0, 0), // features
    ];

    private readonly Func<uint, uint, (uint Eax, uint Ebx, uint Ecx, uint Edx)> _ask;

    /// <summary>Reads what a processor says.</summary>
    /// <param name="ask">Asks for a leaf and a subleaf, and gets the registers EAX, EBX, ECX and EDX.</param>
    public CpuIdentity(Func<uint, uint, (uint Eax, uint Ebx, uint Ecx, uint Edx)> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        _ask = ask;
        Features = DescribeFeatures();
        Caches = DescribeCaches();
    }

    /// <summary>This processor, or <see langword="null"/> if it is not an x86 one.</summary>
    public static CpuIdentity? This { get; } = X86Base.IsSupported ? new CpuIdentity(AskProcessor) : null;

    /// <summary>Names the set of all features of the processor: the first 16 hexadecimal digits of a SHA-256 over the registers that report them.</summary>
    public string Features { get; }

    /// <summary>Every data or unified cache with its bytes and the number of logical processors that share it, such as <c>L1 49152/1, L2 1048576/1, L3 33554432/8</c>, or <see cref="NoCaches"/>.</summary>
    public string Caches { get; }

    private string DescribeFeatures()
    {
        var text = new StringBuilder();
        foreach (var (leaf, subleaf, eaxMask, ebxMask, ecxMask, edxMask) in FeatureLeaves)
        {
            var (eax, ebx, ecx, edx) = Ask(leaf, subleaf);
            text.Append(CultureInfo.InvariantCulture, $"{leaf:x8}.{subleaf:x}:{eax & eaxMask:x8}{ebx & ebxMask:x8}{ecx & ecxMask:x8}{edx & edxMask:x8}\n");
        }

        return Digest.Of(Encoding.ASCII.GetBytes(text.ToString())).ToString()[..16];
    }

    private string DescribeCaches()
    {
        var caches = DataCaches(IntelCaches).ToList();
        if (caches.Count == 0)
        {
            caches = [.. DataCaches(AmdCaches)];
        }

        return caches.Count == 0 ? NoCaches : string.Join(", ", caches);
    }

    private IEnumerable<string> DataCaches(uint leaf)
    {
        const uint Instructions = 2;
        const uint MostCaches = 16;
        for (var i = 0u; i < MostCaches; i++)
        {
            var (eax, ebx, ecx, _) = Ask(leaf, i);
            var type = eax & 0x1F;
            if (type == 0)
            {
                yield break;
            }

            if (type != Instructions)
            {
                var (ways, partitions, line, sets) = ((ebx >> 22) + 1, ((ebx >> 12) & 0x3FF) + 1, (ebx & 0xFFF) + 1, ecx + 1);
                yield return string.Create(CultureInfo.InvariantCulture, $"L{(eax >> 5) & 7} {(ulong)ways * partitions * line * sets}/{((eax >> 14) & 0xFFF) + 1}");
            }
        }
    }

    // A leaf beyond the highest one would answer with that of another.
    private (uint Eax, uint Ebx, uint Ecx, uint Edx) Ask(uint leaf, uint subleaf) =>
        leaf <= _ask(leaf & Extended, 0).Eax ? _ask(leaf, subleaf) : default;

    private static (uint Eax, uint Ebx, uint Ecx, uint Edx) AskProcessor(uint leaf, uint subleaf)
    {
        var (eax, ebx, ecx, edx) = X86Base.CpuId(unchecked((int)leaf), unchecked((int)subleaf));
        return unchecked(((uint)eax, (uint)ebx, (uint)ecx, (uint)edx));
    }
}
