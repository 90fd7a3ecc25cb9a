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
    private static readonly Dictionary<string, HashSet<KnownOperation>> RightByDevice = [];

    /// <summary>Requires that operations come out right in this process.</summary>
    /// <param name="operations">The operations of a model.</param>
    /// <param name="device">Where they run.</param>
    /// <exception cref="EnvironmentException">One does not; nothing that is computed with it can be trusted.</exception>
    public static void Require(IEnumerable<KnownOperation> operations, torch.Device device)
    {
        lock (Gate)
        {
            if (!RightByDevice.TryGetValue(device.ToString(), out var right))
            {
                RightByDevice.Add(device.ToString(), right = []);
            }

            foreach (var operation in operations)
            {
                if (!right.Contains(operation))
                {
                    Check(operation, device);
                    right.Add(operation);
                }
            }
        }
    }

    /// <summary>Looks at one operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="through">Transforms its output; a test injects a fault there.</param>
    /// <exception cref="EnvironmentException">It comes out wrong.</exception>
    internal static void Check(KnownOperation operation, torch.Device device, Func<torch.Tensor, torch.Tensor>? through = null)
    {
        using var scope = torch.NewDisposeScope();
        using var recording = torch.enable_grad();
        var shapes = operation.InputShapes;
        var (hosts, inputs, numbers) = (new torch.Tensor[shapes.Length + 1], new torch.Tensor[shapes.Length], new KnownArray[shapes.Length]);
        for (var i = 0; i < hosts.Length; i++)
        {
            hosts[i] = torch.empty(i < shapes.Length ? shapes[i] : operation.OutputShape, torch.float32, torch.CPU);
        }

        for (var i = 0; i < shapes.Length; i++)
        {
            numbers[i] = Numbers(hosts[i]);
        }

        // A gradient of a single number, a loss, is drawn as well.
        var question = new KnownQuestion(shapes, numbers, Numbers(hosts[^1]));
        for (var i = 0; i < shapes.Length; i++)
        {
            inputs[i] = (device.type == DeviceType.CPU ? hosts[i] : hosts[i].to(device)).requires_grad_();
        }

        var output = operation.Compute(inputs);
        output = through is null ? output : through(output);
        output.backward([device.type == DeviceType.CPU ? hosts[^1] : hosts[^1].to(device)]);
        var answers = new KnownArray[shapes.Length + 1];
        answers[0] = Numbers(output.detach().cpu().contiguous());
        for (var i = 0; i < shapes.Length; i++)
        {
            answers[i + 1] = Numbers(inputs[i].grad!.cpu().contiguous());
        }

        operation.Compare(question, new KnownNumbers(operation, answers, () => $"libtorch {NativeRuntime.LoadedVersion} on {Place(device)}"));
    }

    // Numbers of a tensor that the dispose scope holds.
    private static KnownArray Numbers(torch.Tensor tensor) => new(ParameterSet.Memory(tensor));

    private static string Place(torch.Device device) => device.type == DeviceType.CUDA
        ? device.ToString()
        : CpuModel.Describe() + (CpuIdentity.This?.Caches is CpuIdentity.NoCaches ? ", which reports no cache sizes" : string.Empty);
}
