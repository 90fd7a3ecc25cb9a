using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.Checkpoints;

/// <summary>Flat memory in the layout of the parameters: the source and the target of a checkpoint.</summary>
internal interface IFlatMemory
{
    /// <summary>Number of floats.</summary>
    long Length { get; }

    /// <summary>Copies everything to the host.</summary>
    /// <param name="destination">As many bytes.</param>
    void CopyTo(Span<byte> destination);

    /// <summary>Sets everything.</summary>
    /// <param name="fill">Fills memory whose gaps between parameters are zero, and must remain so.</param>
    void Fill(FlatFiller fill);
}

/// <summary>A flat tensor.</summary>
/// <param name="tensor">Float32. The owner keeps it.</param>
/// <param name="byCopy">Whether it is filled through a tensor of the host, as a device needs it. A test does so without one.</param>
internal sealed class TensorMemory(torch.Tensor tensor, bool byCopy) : IFlatMemory
{
    /// <summary>A flat tensor, filled as its device needs it.</summary>
    /// <param name="tensor">Float32. The owner keeps it.</param>
    public TensorMemory(torch.Tensor tensor)
        : this(tensor, tensor.device_type != DeviceType.CPU)
    {
    }

    /// <inheritdoc/>
    public long Length => tensor.NumberOfElements;

    /// <inheritdoc/>
    public void CopyTo(Span<byte> destination)
    {
        using var host = tensor.device_type != DeviceType.CPU ? tensor.cpu() : tensor.alias();
        host.bytes.CopyTo(destination);
    }

    /// <inheritdoc/>
    public void Fill(FlatFiller fill) => ParameterSet.Fill(tensor, byCopy, fill);
}

/// <summary>Counts the steps of an optimizer.</summary>
internal interface IStepCounter
{
    /// <summary>Steps since the initial state.</summary>
    long StepCount { get; set; }
}
