using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Sisa.Training;

namespace Sisa.Torch.Native;

/// <summary>The settings of a process that are fixed before libtorch loads: the variables that decide which kernels it uses.</summary>
/// <param name="Numerics">The numeric profile.</param>
/// <param name="Threads">Intra-op threads.</param>
/// <remarks>Measured effects of each variable: docs/ARCHITECTURE.md, "Determinism and its limits".</remarks>
internal sealed record NumericPins(NumericProfile Numerics, int Threads)
{
    // Each variable makes a library choose kernels, a precision or a split of the work that the fingerprint does not show.
    private static readonly string[] Removed =
    [
        // oneDNN, under its present and its former name (oneDNN developer guide, "CPU ISA Hints" and its neighbours).
        "DNNL_MAX_CPU_ISA", "ONEDNN_CPU_ISA_HINTS", "DNNL_CPU_ISA_HINTS", "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE",

        // MKL: instructions, threads of a single domain, stripes of a product.
        "MKL_ENABLE_INSTRUCTIONS", "MKL_DOMAIN_NUM_THREADS", "MKL_NUM_STRIPES",

        // libtorch: which library multiplies, and how it is called (PyTorch, "CUDA Environment Variables", and the names that libtorch_cpu
        // 2.10 holds).
        "TORCH_MKLDNN_MATMUL_MIN_DIM", "TORCH_MKLDNN_MATMUL_MIN_SIZE", "TORCH_LINEAR_FLATTEN_3D", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
        "TORCH_BLAS_PREFER_CUBLASLT", "TORCH_LINALG_PREFER_CUSOLVER", "TORCH_CUDNN_V8_API_DISABLED", "TORCH_CUDNN_USE_HEURISTIC_MODE_B",
        "CUBLASLT_WORKSPACE_SIZE",
    ];

    /// <summary>The variables, each with its value; <see langword="null"/> removes one that the user's shell may have set.</summary>
    public IEnumerable<(string Name, string? Value)> Variables()
    {
        var threads = Threads.ToString(CultureInfo.InvariantCulture);
        var portable = Numerics == NumericProfile.Portable;
        return
        [
            ("OMP_NUM_THREADS", threads),
            ("MKL_NUM_THREADS", threads),
            ("OMP_DYNAMIC", "FALSE"),
            ("MKL_DYNAMIC", "FALSE"),
            ("CUBLAS_WORKSPACE_CONFIG", ":4096:8"),
            ("NVIDIA_TF32_OVERRIDE", "0"),
            ("MKL_CBWR", portable ? "COMPATIBLE" : null),
            ("ATEN_CPU_CAPABILITY", portable ? "avx2" : null),
            ("ONEDNN_MAX_CPU_ISA", portable ? "AVX2" : null),
            .. Removed.Select(name => (name, (string?)null)),
        ];
    }

    /// <summary>Sets the variables for this process. Must run before libtorch is loaded.</summary>
    /// <exception cref="EnvironmentException">The portable profile needs instructions that this processor lacks.</exception>
    public void Apply()
    {
        if (Numerics == NumericProfile.Portable && !(Avx2.IsSupported && Fma.IsSupported))
        {
            throw new EnvironmentException(
                "The recipe has 'numerics: portable', whose kernels need AVX2 and FMA. This processor lacks one of them.",
                "Train on an x64 processor with AVX2, or declare 'numerics: native' in a new store.");
        }

        foreach (var (name, value) in Variables())
        {
            ProcessVariables.Set(name, value);
        }
    }

    /// <summary>The vector instructions that libtorch will use under these pins: its own choice of <c>avx512</c>, <c>avx2</c> or
    /// <c>default</c> (aten/src/ATen/native/DispatchStub.cpp).</summary>
    public string CpuCapability() =>
        Numerics == NumericProfile.Portable ? "avx2"
        : Avx512BW.VL.IsSupported && Avx512DQ.IsSupported && Fma.IsSupported ? "avx512"
        : Avx2.IsSupported && Fma.IsSupported ? "avx2"
        : "default";
}
