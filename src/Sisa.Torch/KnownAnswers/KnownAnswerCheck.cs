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
        Compare(operation, question, [Numbers(output.detach()), .. inputs.Select(input => Numbers(input.grad!))], () => $"libtorch {NativeRuntime.LoadedVersion} on {Place(device)}");
    }

    /// <summary>Compares what came out with what must come out.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="question">What it was computed from.</param>
    /// <param name="answers">Its output, then the gradients of its inputs; the last inputs may be missing, and are not compared.</param>
    /// <param name="computer">What computed it, and where, for the error.</param>
    /// <exception cref="EnvironmentException">A number is another one.</exception>
    internal static void Compare(KnownOperation operation, KnownQuestion question, IReadOnlyList<float[]> answers, Func<string> computer)
    {
        foreach (var expected in operation.Expect(question).Where(number => number.Input + 1 < answers.Count))
        {
            var found = answers[expected.Input + 1][expected.Index];

            // Written so that a result that is no number fails.
            if (!(Math.Abs(found - expected.Value) <= expected.Tolerance))
            {
                var part = expected.Input == KnownNumber.Output ? "its output" : $"the gradient of its input {expected.Input + 1}";
                throw new EnvironmentException(
                    string.Create(CultureInfo.InvariantCulture, $"This machine computes {operation.Description} wrongly: element {expected.Index} of {part} has {found:G6} where {expected.Value:G6} is right. Computed by {computer()}."),
                    $"Nothing was trained or answered with it. Use another machine, or another build of libtorch {TorchVersion.Wanted} by {TorchVersion.FolderVariable}; a new store with 'numerics: portable' or another model may use other kernels.");
            }
        }
    }

    private static string Place(torch.Device device) => device.type == DeviceType.CUDA
        ? device.ToString()
        : CpuModel.Describe() + (CpuIdentity.This?.Caches is CpuIdentity.NoCaches ? ", which reports no sizes of caches" : string.Empty);

    private static float[] Numbers(torch.Tensor tensor)
    {
        using var host = tensor.cpu().contiguous();
        return ParameterSet.Memory(host).ToArray();
    }
}
