using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sisa.Records;
using Sisa.Training;

namespace Sisa.Checkpoints;

/// <summary>Everything about a machine and its libraries that the bits of trained weights may depend on (rule E7).</summary>
/// <remarks>Immutable. Equal fingerprints promise equal bytes; different ones promise nothing.</remarks>
public sealed record EnvironmentFingerprint
{
    /// <summary><see cref="Architecture"/> of this process.</summary>
    public static string ThisArchitecture => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary><see cref="OperatingSystem"/> of this process.</summary>
    public static string ThisOperatingSystem => System.OperatingSystem.IsWindows() ? "windows" : System.OperatingSystem.IsMacOS() ? "macos" : "linux";

    /// <summary>Where training runs: <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>The recipe's numeric profile.</summary>
    public required NumericProfile Numerics { get; init; }

    /// <summary>Intra-op threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Processor architecture: <c>x64</c>, <c>arm64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Operating system: <c>linux</c>, <c>windows</c>, <c>macos</c>.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Model name of the physical CPU; <see langword="null"/> if no bit depends on it: in 32 bits under <see cref="NumericProfile.Portable"/>, and where no libtorch takes part.</summary>
    public string? Cpu { get; init; }

    /// <summary>Names all features that the processor reports to libraries (<see cref="CpuIdentity.Features"/>); <see langword="null"/> if <see cref="Cpu"/> is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CpuFeatures { get; init; }

    /// <summary>Sizes of its caches as libraries see them (<see cref="CpuIdentity.Caches"/>), by which they choose blocks and kernels; <see langword="null"/> if <see cref="Cpu"/> is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CpuCaches { get; init; }

    /// <summary>Vector instructions that libtorch uses: <c>avx512</c>, <c>avx2</c>, <c>default</c>; <see langword="null"/> if it takes no part.</summary>
    public string? CpuCapability { get; init; }

    /// <summary>Version of libtorch; <see langword="null"/> if it takes no part.</summary>
    public string? Libtorch { get; init; }

    /// <summary>Version of TorchSharp; <see langword="null"/> if it takes no part.</summary>
    public string? TorchSharp { get; init; }

    /// <summary>Name of the GPU, where one is used.</summary>
    public string? Gpu { get; init; }

    /// <summary>Version of the GPU's driver and of CUDA, where one is used.</summary>
    public string? GpuDriver { get; init; }

    /// <summary>Numbers in which matrix products are computed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ComputePrecision Precision { get; init; }

    /// <summary>The fingerprint for people: device, processor, libraries.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        Device, Cpu ?? "any processor", CpuCaches == CpuIdentity.NoCaches ? "no cache sizes" : null, CpuCapability, Libtorch is null ? "no libtorch" : $"libtorch {Libtorch}", TorchSharp is null ? null : $"TorchSharp {TorchSharp}", Threads == 1 ? "1 thread" : $"{Threads} threads",
        $"{KebabName.Of(Numerics)} numerics",
    }.OfType<string>());

    /// <summary>Names the fingerprint: SHA-256 of <see cref="ToJson"/>.</summary>
    public Digest ToDigest() => Digest.Of(System.Text.Encoding.UTF8.GetBytes(ToJson()));

    /// <summary>The JSON form in checkpoint headers: members in declaration order.</summary>
    public string ToJson() => RecordJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON text.</param>
    /// <exception cref="JsonException">Anything else.</exception>
    public static EnvironmentFingerprint FromJson(string json) => RecordJson.Read<EnvironmentFingerprint>(json);
}
