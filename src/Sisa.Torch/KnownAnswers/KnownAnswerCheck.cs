using System.Globalization;
using Sisa.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>Computes operations whose answers are known, forward and backward, before a process trains or answers with them.</summary>
/// <remarks>
/// A library that computes wrongly says nothing: on machines whose hypervisor hides the sizes of caches, convolutions of libtorch 2.10 were off by 0.8 to 2.0 with values of order 1
/// (docs/LOG.md, 2026-11-30). Every operation is looked at once a process and device. Thread-safe.
/// </remarks>
internal static class KnownAnswerCheck
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<(KnownOperation Operation, string Device)> Right = [];

    /// <summary>Requires that operations come out right in this process.</summary>
    /// <param name="operations">The operations of a model.</param>
    /// <param name="device">Where they run.</param>
    /// <exception cref="EnvironmentException">One does not; nothing that is computed with it can be trusted.</exception>
    public static void Require(IEnumerable<KnownOperation> operations, torch.Device device)
    {
        lock (Gate)
        {
            foreach (var operation in operations)
            {
                if (!Right.Contains((operation, device.ToString())))
                {
                    Check(operation, device);
                    Right.Add((operation, device.ToString()));
                }
            }
        }
    }

    /// <summary>Looks at one operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="through">What becomes of its output; a test puts a fault there.</param>
    /// <exception cref="EnvironmentException">It comes out wrong.</exception>
    internal static void Check(KnownOperation operation, torch.Device device, Func<torch.Tensor, torch.Tensor>? through = null)
    {
        var question = new KnownQuestion(operation);
        using var scope = torch.NewDisposeScope();
        using var gradients = torch.enable_grad();
        var inputs = operation.InputShapes.Select((shape, i) => torch.tensor(question.Inputs[i], shape, device: device, requires_grad: true)).ToList();
        var output = operation.Compute(inputs);
        output = through is null ? output : through(output);
        (output * torch.tensor(question.OutputGradient, operation.OutputShape, device: device)).sum().backward();
        var (answer, answers) = (Numbers(output.detach()), inputs.Select(input => Numbers(input.grad!)).ToList());
        foreach (var expected in operation.Expect(question))
        {
            var found = (expected.Input == KnownNumber.Output ? answer : answers[expected.Input])[expected.Index];

            // Written so that a result that is no number fails.
            if (!(Math.Abs(found - expected.Value) <= expected.Tolerance))
            {
                throw Wrong(operation, expected, found, device);
            }
        }
    }

    /// <summary>The error about an operation that comes out wrong.</summary>
    /// <param name="operation">What it is called.</param>
    /// <param name="part">Which of its results.</param>
    /// <param name="found">The number that came out.</param>
    /// <param name="expected">The number that must come out.</param>
    /// <param name="library">What computed it, and where.</param>
    internal static EnvironmentException Wrong(string operation, string part, double found, double expected, string library) => new(
        string.Create(CultureInfo.InvariantCulture, $"This machine computes {operation} wrongly: {part} has {found:G6} where {expected:G6} is right. Computed by {library}."),
        $"Nothing was trained or answered with it. Use another machine, or another build of libtorch 2.10 by {TorchVersion.FolderVariable}; a new store with 'numerics: portable' or another model may use other kernels.");

    private static EnvironmentException Wrong(KnownOperation operation, KnownNumber expected, double found, torch.Device device)
    {
        var part = expected.Input == KnownNumber.Output ? $"element {expected.Index} of its output" : $"element {expected.Index} of the gradient of its input {expected.Input + 1}";
        var caches = CpuIdentity.This?.Caches is CpuIdentity.NoCaches ? ", which reports no sizes of caches" : string.Empty;
        var place = device.type == DeviceType.CUDA ? device.ToString() : CpuModel.Describe() + caches;
        return Wrong(operation.Description, part, found, expected.Value, $"libtorch {NativeRuntime.LoadedVersion} on {place}");
    }

    private static float[] Numbers(torch.Tensor tensor)
    {
        using var host = tensor.cpu().contiguous();
        return ParameterSet.Memory(host).ToArray();
    }
}
