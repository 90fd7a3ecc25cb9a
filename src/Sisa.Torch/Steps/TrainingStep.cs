using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Training;

namespace Sisa.Torch.Steps;

/// <summary>Chooses how a model is stepped.</summary>
internal static class TrainingStep
{
    /// <summary>The lean step for a multi-layer perceptron on the CPU, autograd for everything else.</summary>
    /// <param name="runtime">The pinned process.</param>
    /// <param name="architecture">The model.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="optimizer">Their optimizer.</param>
    /// <param name="options">The recipe's <c>training</c>.</param>
    public static ITrainingStep Create(
        NativeRuntime runtime, Architecture architecture, ParameterSet parameters, Optimizer optimizer, TrainingOptions options) =>
        architecture is MlpArchitecture mlp && parameters.IsOnCpu
            ? new LeanMlpStep(runtime.Kernels, mlp, parameters, optimizer, options)
            : new AutogradStep(architecture, parameters, optimizer);
}
